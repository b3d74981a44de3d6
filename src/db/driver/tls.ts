import { isIP, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  type ConnectionOptions,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import type { TlsSettings } from "./tls-settings.ts";

/** How the last connection was secured. */
export interface ConnectionSecurity {
  /** Undefined for a connection in the clear. */
  readonly encryption: { readonly version: string; readonly cipher: string } | undefined;
  /**
   * What was verified: nothing, that a trusted authority signed the server's certificate, or also that it names the
   * host.
   */
  readonly verified: "no" | "authority" | "name";
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** PostgreSQL's SSLRequest, the first message where encryption is negotiated. */
const tlsRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const [yes, no] = [0x53, 0x4e];

/**
 * Encrypts connections, in place of the driver, which checks the certificate of an IP address against the name
 * "localhost", does not know several hosts with a name each, and goes on with TLS when the server has refused it.
 */
export class Encryption {
  readonly settings: TlsSettings;
  #last: ConnectionSecurity | undefined;

  constructor(settings: TlsSettings) {
    this.settings = settings;
  }

  /** How the last connection was secured; undefined before the first. */
  get last(): ConnectionSecurity | undefined {
    return this.#last;
  }

  /**
   * Encrypts a socket to a host, once it is connected.
   *
   * @returns the encrypted socket, or `raw` itself where sslmode is `prefer` and the server takes no TLS
   * @throws a system or TLS error with its code; TLS_UNAVAILABLE where TLS is required and the server takes none
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
    // Exactly one byte: bytes injected after it would be taken for the server's own after the handshake
    // (CVE-2021-23222).
    if (answer.length === 1 && answer[0] === yes) return true;
    if (answer.length !== 1 || answer[0] !== no)
      throw coded("CONNECTION_CLOSED", "what answers there is no PostgreSQL server");
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
    const { authorities, certificate, key, passphrase, revoked, lowestVersion, highestVersion, isDirect } =
      this.settings;
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

  /** Node checks the certificate against `servername`, which is not sent for an IP address. */
  #nameCheck(host: string): (name: string, certificate: PeerCertificate) => Error | undefined {
    return this.settings.isNameChecked
      ? (_name, certificate) => checkServerIdentity(host, certificate)
      : () => undefined;
  }

  #outcomeOf(socket: TLSSocket): ConnectionSecurity {
    const { authorities, isNameChecked } = this.settings;
    const verified = authorities === undefined ? "no" : isNameChecked ? "name" : "authority";
    return {
      encryption: { version: socket.getProtocol() ?? "TLS", cipher: socket.getCipher().standardName },
      verified,
    };
  }
}

/** Resolves with the first value of an event; rejects with the error or the end that comes before it. */
function firstOf<Said>(socket: Socket, event: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    const forget = () => void socket.off(event, onEvent).off("error", onError).off("close", onClose);
    const onEvent = (said: Said) => (forget(), resolve(said));
    const onError = (error: Error) => (forget(), reject(error));
    const onClose = () =>
      onError(coded("CONNECTION_CLOSED", "the connection was closed before the server said anything"));
    socket.on(event, onEvent).on("error", onError).on("close", onClose);
  });
}

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });
