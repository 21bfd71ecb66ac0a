import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { ConditionFailed, TableUnavailable, type Write } from '../../functions/platform/table.ts';
import { testClock } from '../../local/engine/clock.ts';
import { dumpTable, type LocalTable, openTable, type TableOptions } from '../../local/engine/table.ts';
import { tableContract } from '../contracts/table.ts';
import { tableProperties } from '../contracts/table-properties.ts';

const folder = mkdtempSync(join(tmpdir(), 'table-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(folder, `${++files}.db`);
const put = (n: number, data = {}): Write => ({
  op: 'put',
  key: { pk: 'P', sk: `S#${String(n).padStart(4, '0')}` },
  data,
});
const opened = (options: Partial<TableOptions> = {}) => openTable({ path: newPath(), clock: testClock(), ...options });

describe('the table in memory', () => {
  tableProperties(async (settings) => {
    const clock = testClock();
    const table = openTable({ path: ':memory:', clock, ...settings });
    return { table, clock, close: async () => table.close() };
  });
});

describe('the table in a file', () => {
  tableContract(async (settings) => {
    const clock = testClock();
    const path = newPath();
    const handles: LocalTable[] = [];
    const open = () => {
      const table = openTable({ path, clock, ...settings });
      handles.push(table);
      return table;
    };
    return {
      table: open(),
      clock,
      another: async () => open(),
      close: async () => {
        for (const handle of handles) handle.close();
      },
    };
  });

  it('keeps everything over a restart', async () => {
    const path = newPath();
    const first = opened({ path });
    await first.write([put(1, { a: 1 }), put(2)]);
    first.close();
    const second = opened({ path });
    expect(dumpTable(second).map((item) => item.key.sk)).toEqual(['S#0001', 'S#0002']);
    second.close();
  });

  it('tells the listener what was written, once it is durable, and nothing of what was refused', async () => {
    const path = newPath();
    const heard: (readonly Write[])[] = [];
    const reader = new DatabaseSync(path);
    const count = () => Number(reader.prepare('select count(*) as n from item').get()?.['n']);
    const table = opened({ path, onWrite: (writes) => heard.push(writes) && expect(count()).toBe(1) });
    const writes = [put(1)];
    await table.write(writes);
    await expect(table.write([{ ...put(1), when: [{ is: 'absent' }] } as Write])).rejects.toThrow(ConditionFailed);
    await table.write([]);
    expect(heard).toEqual([writes]);
    table.close();
    reader.close();
  });

  it('P5: names the boundaries of each durable commit; a process that ends before it has written nothing', async () => {
    const path = newPath();
    const passed: string[] = [];
    const dying = opened({
      path,
      boundary(name) {
        passed.push(name);
        if (passed.length === 3) throw new Error('ends here');
      },
    });
    await dying.write([put(1)]);
    await expect(dying.write([put(2)])).rejects.toThrow('ends here');
    expect(passed).toEqual(['table:before-commit', 'table:after-commit', 'table:before-commit']);
    expect(dumpTable(dying)).toHaveLength(1);
    await dying.write([put(3)]);
    expect(dumpTable(dying)).toHaveLength(2);
    dying.close();
  });

  it('removes what has expired, with its list entries', async () => {
    const clock = testClock();
    const table = opened({ clock });
    const expiresAt = Math.floor(clock.now().getTime() / 1000) + 5;
    const indexes = { list1: { pk: 'L', sk: 'S' } };
    await table.write([{ ...put(1), expiresAt, indexes } as Write, put(2)]);
    expect(await table.removeExpired()).toBe(0);
    clock.advance(5);
    expect(dumpTable(table)).toHaveLength(2);
    expect(await table.removeExpired()).toBe(1);
    expect(dumpTable(table)).toHaveLength(1);
    table.close();
  });

  it('asked for short pages, says next even at the very end, as DynamoDB does', async () => {
    const table = opened({ pageLimit: 2 });
    await table.write([put(1), put(2)]);
    const first = await table.query({ pk: 'P', limit: 50 });
    expect(first.items).toHaveLength(2);
    expect(await table.query({ pk: 'P', limit: 50, after: first.next ?? '' })).toEqual({ items: [] });
    table.close();
  });

  it('forgets former list entries once the lag is over', async () => {
    const [path, clock] = [newPath(), testClock()];
    const table = opened({ path, clock, indexLagMs: 1000 });
    for (let n = 0; n < 5; n++) {
      clock.advance(2);
      await table.write([{ ...put(1, { n }), indexes: { list1: { pk: 'L', sk: `S#${n}` } } } as Write]);
    }
    const file = new DatabaseSync(path);
    expect(file.prepare('select count(*) as n from entry').get()).toMatchObject({ n: 2 });
    file.close();
    table.close();
  });

  it('X7: backs up while open, never over a file', async () => {
    const table = opened();
    await table.write([put(1)]);
    const copy = newPath();
    await table.backup(copy);
    await table.write([put(2)]);
    await expect(table.backup(copy)).rejects.toThrow('exists');
    const restored = opened({ path: copy });
    expect(dumpTable(restored)).toHaveLength(1);
    table.close();
    restored.close();
  });
});

describe('X4: storage that fails', () => {
  it('says that the disk is full, acknowledges nothing, and goes on reading', async () => {
    const table = opened({ maxBytes: 200_000 });
    let acknowledged = 0;
    const filling = async () => {
      for (; acknowledged < 500; acknowledged++) await table.write([put(acknowledged, { text: 'x'.repeat(2000) })]);
    };
    const failure = await filling().catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(TableUnavailable);
    expect(failure).toMatchObject({ message: 'the disk is full' });
    expect(dumpTable(table)).toHaveLength(acknowledged);
    await table.write([{ op: 'delete', key: put(0).key }]);
    expect(dumpTable(table)).toHaveLength(acknowledged - 1);
    table.close();
  });
  it('says that the file cannot be written', async () => {
    const path = newPath();
    const first = opened({ path });
    await first.write([put(1)]);
    const table = opened({ path: `file:${path}?mode=ro` });
    await expect(table.write([put(2)])).rejects.toThrow(
      new TableUnavailable('the table file cannot be written (read-only)'),
    );
    expect(await table.get(put(1).key)).toBeDefined();
    table.close();
    first.close();
  });
  it('says that the file is no table file', () => {
    const path = newPath();
    writeFileSync(path, 'this is not a database, though long enough to look at. '.repeat(50));
    expect(() => opened({ path })).toThrow(new TableUnavailable('the table file is damaged or is not a table file'));
  });
  it('says that the file is damaged inside, and leaves it alone', async () => {
    const path = newPath();
    const table = opened({ path });
    for (let n = 0; n < 100; n++) await table.write([put(n, { text: 'x'.repeat(500) })]);
    table.close();
    const file = openSync(path, 'r+');
    for (let page = 2; page < 12; page++) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    const damaged = opened({ path });
    const before = readFileSync(path);
    await expect(damaged.query({ pk: 'P', limit: 200 })).rejects.toThrow(/damaged/);
    await expect(damaged.write([put(50)])).rejects.toThrow(TableUnavailable);
    damaged.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
  it('says that an item does not read', async () => {
    const path = newPath();
    const table = opened({ path });
    await table.write([put(1)]);
    const other = new DatabaseSync(path);
    other.exec(`update item set data = '{"a":'`);
    other.close();
    await expect(table.get(put(1).key)).rejects.toThrow(TableUnavailable);
    table.close();
  });
  it('says that the folder is missing, that the file is of a newer program, that the table is closed', async () => {
    expect(() => opened({ path: join(folder, 'nowhere', 'x.db') })).toThrow('the table file cannot be opened');
    const path = newPath();
    const newer = new DatabaseSync(path);
    newer.exec('pragma user_version = 9');
    newer.close();
    expect(() => opened({ path })).toThrow(/format 9/);
    const table = opened();
    table.close();
    await expect(table.get(put(1).key)).rejects.toThrow(new TableUnavailable('the table is closed'));
    await expect(table.write([put(1)])).rejects.toThrow(TableUnavailable);
  });
  it('cuts nothing acknowledged when the log ends in a torn write', async () => {
    const path = newPath();
    const table = opened({ path });
    for (let n = 0; n < 5; n++) await table.write([put(n)]);
    const log = readFileSync(`${path}-wal`);
    const main = readFileSync(path);
    table.close();
    const copy = newPath();
    writeFileSync(copy, main);
    writeFileSync(`${copy}-wal`, Buffer.concat([log, log.subarray(-1500)]));
    const again = opened({ path: copy });
    expect(dumpTable(again)).toHaveLength(5);
    again.close();
  });
});

describe('P5: kill -9', () => {
  const writerProgram = (path: string) => `
    import { writeSync } from 'node:fs';
    import { openTable } from ${JSON.stringify(join(import.meta.dirname, '../../local/engine/table.ts'))};
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../local/engine/clock.ts'))};
    const table = openTable({ path: ${JSON.stringify(path)}, clock: systemClock() });
    const when = [{ is: 'absent' }];
    for (let n = 0; ; n++) {
      const key = { pk: 'P', sk: 'S#' + String(n).padStart(8, '0') };
      await table.write([{ op: 'put', key, data: { n }, when, indexes: { list1: key } }, { op: 'add', key: { pk: 'P', sk: 'COUNT' }, add: { n: 1 } }]);
      writeSync(1, n + '\\n');
    }`;

  it('loses no acknowledged write and keeps each transaction whole', async () => {
    for (const killAfter of [1, 60, 333]) {
      const path = newPath();
      const child = spawn(process.execPath, ['--input-type=module', '-e', writerProgram(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let heard = '';
      for await (const chunk of child.stdout) {
        heard += String(chunk);
        if (heard.split('\n').length > killAfter) child.kill('SIGKILL');
      }
      const acknowledged = heard.split('\n').length - 1;
      const table = opened({ path });
      const items = dumpTable(table).filter((item) => item.key.sk !== 'COUNT');
      const count = (await table.get({ pk: 'P', sk: 'COUNT' }))?.data['n'];
      expect(acknowledged).toBeGreaterThanOrEqual(killAfter);
      expect(items.length).toBeGreaterThanOrEqual(acknowledged);
      expect(items.length).toBeLessThanOrEqual(acknowledged + 1);
      expect(count).toBe(items.length);
      table.close();
    }
  });

  it('two processes at once: exactly one wins each conditional write', async () => {
    const path = newPath();
    const start = Date.now() + 700;
    const contender = (name: string) => `
      import { openTable } from ${JSON.stringify(join(import.meta.dirname, '../../local/engine/table.ts'))};
      import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../local/engine/clock.ts'))};
      const table = openTable({ path: ${JSON.stringify(path)}, clock: systemClock() });
      let won = 0;
      while (Date.now() < ${start}) continue;
      for (let n = 0; n < 1000; n++) {
        const claim = { op: 'put', key: { pk: 'NUM', sk: 'N#' + n }, data: { by: '${name}' }, when: [{ is: 'absent' }] };
        await table.write([claim]).then(() => won++, (e) => { if (e.name !== 'ConditionFailed') throw e; });
      }
      console.log(won);`;
    opened({ path }).close();
    const wins = ['a', 'b'].map(async (name) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', contender(name)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      for await (const chunk of child.stdout) said += String(chunk);
      return { name, won: Number.parseInt(said, 10) };
    });
    const ends = await Promise.all(wins);
    const table = opened({ path });
    const owners = dumpTable(table).map((item) => item.data['by']);
    expect(owners).toHaveLength(1000);
    for (const { name, won } of ends) expect(owners.filter((by) => by === name)).toHaveLength(won);
    table.close();
  });
});
