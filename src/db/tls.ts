import { isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from "node:tls";
import type { TlsSettings } from "./tls-settings.ts";

/** How a connection came out that was made. */
export interface ConnectionSecurity {
  /** The TLS version and cipher; undefined for a connection in the clear. */
  readonly encryption: { readonly version: string; readonly cipher: string } | undefined;
  /** What was made sure of the server: nothing, that a trusted authority signed its certificate, or that it is the named host's, too. */
  readonly verified: "no" | "authority" | "name";
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** "Do you take TLS?", as PostgreSQL is asked before anything else is said. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const [yes, no] = [0x53, 0x4e];

/**
 * Encrypts connections. It is done here and not by the driver, which checks a certificate of an IP address against the name
 * "localhost", knows no several hosts with a name each, and talks TLS to a server that has just said that it takes none.
 */
export class Encryption {
  readonly settings: TlsSettings;
  #last: ConnectionSecurity | undefined;

  constructor(settings: TlsSettings) {
    this.settings = settings;
  }

  /** How the last connection came out; undefined as long as none was made. */
  get last(): ConnectionSecurity | undefined {
    return this.#last;
  }

  /**
   * Makes a socket to a host safe, once it is connected.
   *
   * @returns the socket to talk over: encrypted, or the same one where `prefer` meets a server that takes no TLS
   * @throws what broke it: a system error or one of TLS with its code, TLS_UNAVAILABLE where there must be TLS and is none
   */
  async secure(raw: Socket, { host, port }: HostAndPort, timeoutMs: number): Promise<Socket> {
    const timer = setTimeout(() => raw.destroy(coded("CONNECT_TIMEOUT", `no answer from ${host}:${port}`)), timeoutMs);
    try {
      const isOffered = this.settings.isDirect || (await this.#ask(raw));
      const socket = isOffered ? await this.#shakeHands(raw, host) : raw;
      this.#last = isOffered ? this.#outcomeOf(socket as TLSSocket) : { encryption: undefined, verified: "no" };
      return socket;
    } catch (error) {
      raw.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(raw: Socket): Promise<boolean> {
    raw.once("connect", () => raw.write(tlsRequest));
    const answer = await firstOf<Buffer>(raw, "data");
    // One byte, and nothing behind it: what somebody in between sent along would be taken for the server's, decrypted.
    if (answer.length === 1 && answer[0] === yes) return true;
    if (answer.length !== 1 || answer[0] !== no) throw coded("CONNECTION_CLOSED", "what answers there is no PostgreSQL server");
    if (this.settings.mode !== "prefer") throw coded("TLS_UNAVAILABLE", "the server takes no encrypted connections");
    return false;
  }

  async #shakeHands(raw: Socket, host: string): Promise<TLSSocket> {
    if (this.settings.isDirect) await firstOf(raw, "connect");
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ ...this.#options(), ...name, socket: raw, checkServerIdentity: this.#nameCheck(host) });
    await firstOf(socket, "secureConnect");
    return socket;
  }

  #options(): ConnectionOptions {
    const { authorities, certificate, key, passphrase, revoked, lowestVersion, highestVersion, isDirect } = this.settings;
    return {
      rejectUnauthorized: authorities !== undefined,
      ...(authorities === undefined || authorities.length === 0 ? {} : { ca: [...authorities] }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(revoked === undefined ? {} : { crl: revoked }),
      ...(lowestVersion === undefined ? {} : { minVersion: lowestVersion }),
      ...(highestVersion === undefined ? {} : { maxVersion: highestVersion }),
      ...(isDirect ? { ALPNProtocols: ["postgresql"] } : {}),
    };
  }

  /** Node would hold the certificate against the name that it asked for, which for an address is none. */
  #nameCheck(host: string): (name: string, certificate: PeerCertificate) => Error | undefined {
    return this.settings.isNameChecked ? (_name, certificate) => checkServerIdentity(host, certificate) : () => undefined;
  }

  #outcomeOf(socket: TLSSocket): ConnectionSecurity {
    const { authorities, isNameChecked } = this.settings;
    const verified = authorities === undefined ? "no" : isNameChecked ? "name" : "authority";
    return { encryption: { version: socket.getProtocol() ?? "TLS", cipher: socket.getCipher().standardName }, verified };
  }
}

/** What a socket first says by an event, or the error that comes before. */
function firstOf<Said>(socket: Socket, event: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    const forget = () => void socket.off(event, onEvent).off("error", onError).off("close", onClose);
    const onEvent = (said: Said) => (forget(), resolve(said));
    const onError = (error: Error) => (forget(), reject(error));
    const onClose = () => onError(coded("CONNECTION_CLOSED", "the connection was closed before the server said anything"));
    socket.on(event, onEvent).on("error", onError).on("close", onClose);
  });
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });
