import type { CodegenConfig } from '@graphql-codegen/cli'

const domain = '../domain'

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'src/graphql/generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        immutableTypes: true,
        avoidOptionals: { field: true, inputValue: false },
        contextType: './context.ts#Context',
        scalars: {
          ID: 'string',
          DateTime: { input: 'Date', output: 'Date' },
          JSON: { input: `${domain}/json.ts#Json`, output: `${domain}/json.ts#Json` },
          Position: { input: `${domain}/position.ts#Cursor`, output: `${domain}/position.ts#Cursor` },
        },
      },
    },
  },
}

export default config
