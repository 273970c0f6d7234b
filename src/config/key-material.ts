import type { KeyMaterial } from '../auth/keys.ts'
import type { Config } from '../config.ts'
import { inDataDirectory } from './data-directory.ts'
import { developmentSecret } from './development-secret.ts'

/** The configured keys, else the development secret of the data directory. Rejects with a readable error when that cannot be kept there. */
export async function keyMaterial({ tokens, dataDir }: Config): Promise<KeyMaterial> {
  return tokens.keys ?? { kind: 'secret', secret: await inDataDirectory(dataDir, () => developmentSecret(dataDir)) }
}
