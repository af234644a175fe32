/** The part of @nxtedition/rocksdb that the store uses; the package has no types of its own. */
declare module "rocksdb" {
  interface ReadOptions {
    readonly keyEncoding?: "buffer";
    readonly valueEncoding?: "buffer";
  }

  interface RangeOptions extends ReadOptions {
    readonly gte: Uint8Array;
    readonly lt: Uint8Array;
    readonly keys: true;
    readonly values: true;
    readonly limit: number;
  }

  export class RocksLevel {
    constructor(location: string, options: ReadOptions);
    open(options: { readonly createIfMissing: boolean }): Promise<void>;
    close(): Promise<void>;
    _getManySync(keys: readonly Uint8Array[], options: ReadOptions): (Buffer | undefined)[];
    _iterator(options: RangeOptions): {
      /** Keys and values in turn. */
      _nextvSync(size: number): { readonly rows: Buffer[]; readonly finished: boolean };
      _closeSync(): void;
    };
    batch(): {
      _put(key: Uint8Array, value: Uint8Array): void;
      _del(key: Uint8Array): void;
      _writeSync(options: { readonly sync: boolean }): void;
      _closeSync(): void;
    };
  }
}
