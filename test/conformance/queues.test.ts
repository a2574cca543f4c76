import { LifoQueue, PriorityQueue, Queue } from 'meantime/tasks';
import { checkQueue } from 'meantime/testing';

checkQueue((capacity) => new Queue(capacity));
checkQueue((capacity) => new LifoQueue(capacity), { order: 'lifo' });
checkQueue((capacity) => new PriorityQueue(capacity), { order: 'smallest' });
