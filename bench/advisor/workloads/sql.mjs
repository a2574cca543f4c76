import initSqlJs from 'sql.js';
import { records } from './data.mjs';

const sql = await initSqlJs();
const people = records(5000);
const database = filled(people);

function filled(rows) {
  const db = new sql.Database();
  db.run('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT, x REAL, score REAL)');
  db.run('BEGIN');
  const insert = db.prepare('INSERT INTO people VALUES (?, ?, ?, ?, ?)');
  for (const { id, name, at, score } of rows) insert.run([id, name, at.city, at.x, score]);
  insert.free();
  db.run('COMMIT');
  return db;
}

/** A report over a table of 5000 rows: SQLite in WebAssembly. */
export function report(city) {
  const [{ values }] = database.exec(
    `SELECT p.name, count(*), avg(p.score), max(q.score) FROM people p JOIN people q ON q.id = p.id * 7 % 5000 WHERE p.city <> '${city}' GROUP BY p.name, p.city ORDER BY 3`,
  );
  return values.length;
}

/** A table made, filled and asked. */
export function fillAndCount(rows) {
  const db = filled(people.slice(0, rows));
  try {
    return db.exec('SELECT count(DISTINCT name) FROM people')[0].values[0][0];
  } finally {
    db.close();
  }
}
