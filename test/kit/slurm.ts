/** A Slurm of one node on the loopback, from Debian's packages: its daemons run as whoever runs the tests, in a folder of their own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface Slurm {
  /** For its clients. */
  readonly env: NodeJS.ProcessEnv;
  stop(): void;
}

const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Resolves when the node takes jobs. */
export async function startSlurm(): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-slurm-'));
  for (const part of ['state', 'spool', 'log']) mkdirSync(join(folder, part));
  chmodSync(folder, 0o755); // munge looks at who may write on the way to its socket
  const key = join(folder, 'munge.key');
  writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  const host = hostname().split('.')[0]!;
  const user = userInfo().username;
  // What the daemon itself finds: a node that promises more than it has is not used.
  const node = execFileSync('slurmd', ['-C'], { encoding: 'utf8', env: { ...process.env, PATH } }).split('\n')[0]!;
  const conf = join(folder, 'slurm.conf');
  writeFileSync(
    conf,
    `ClusterName=weft
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=${folder}/munge.sock
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd.log
SlurmctldPort=${await freePort()}
SlurmdPort=${await freePort()}
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=batch_sched_delay=0,sched_interval=2
${node.replace(/ UpTime=.*/, '')} NodeAddr=127.0.0.1 State=UNKNOWN
PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { ...process.env, PATH, SLURM_CONF: conf };
  const files = ['pid-file', 'log-file', 'seed-file'].map((name) => `--${name}=${folder}/munge.${name}`);
  const start = (command: string, ...args: string[]): void => {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
  };
  const stop = (): void => {
    for (const name of ['slurmd.pid', 'slurmctld.pid', 'munge.pid-file'])
      try {
        process.kill(Number(readFileSync(join(folder, name), 'utf8')), 'SIGTERM');
      } catch {
        // it has not begun, or has ended by itself
      }
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    start('munged', `--key-file=${key}`, `--socket=${folder}/munge.sock`, ...files, '--force');
    start('slurmctld', '-f', conf);
    start('slurmd', '-f', conf, '-N', host);
    for (let tries = 0; ; tries++) {
      const { stdout, stderr } = spawnSync('sinfo', ['-h', '-o', '%T'], { encoding: 'utf8', env });
      if (/^idle\s*$/.test(stdout)) return { env, stop };
      if (tries === 100) throw new Error(`the node is ‘${stdout.trim()}’: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } catch (error) {
    stop();
    throw error;
  }
}
