/** Money from one account to another. */
export interface Transfer {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** Accounts. It lives in the process of a Manager, and has no idea of processes: an ordinary class, whose methods others call from afar. */
export class Ledger {
  readonly #balances = new Map<string, number>();
  readonly #done: number[] = [];
  #pending: Transfer | undefined;

  constructor(accounts: Record<string, number>) {
    for (const [name, amount] of Object.entries(accounts)) this.#balances.set(name, amount);
  }

  /** First half: the money has left, and has not come. */
  withdraw(transfer: Transfer): void {
    if (this.#pending !== undefined) throw new Error(`transfer ${this.#pending.id} is half done, and ${transfer.id} begins`);
    this.#pending = transfer;
    this.#add(transfer.from, -transfer.amount);
  }

  /** Second half. */
  deposit(): void {
    if (this.#pending === undefined) throw new Error('there is nothing to deposit');
    this.#add(this.#pending.to, this.#pending.amount);
    this.#done.push(this.#pending.id);
    this.#pending = undefined;
  }

  /** The transfer that is half done, if one is. */
  pending(): Transfer | undefined {
    return this.#pending;
  }

  balances(): Record<string, number> {
    return Object.fromEntries(this.#balances);
  }

  /** The transfers that were done, in their order. */
  done(): number[] {
    return this.#done;
  }

  #add(name: string, amount: number): void {
    this.#balances.set(name, (this.#balances.get(name) ?? 0) + amount);
  }
}
