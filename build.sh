#!/usr/bin/env bash
# A thin front of the build tool in build/ (see `./build.sh help`); it needs bash and the .NET 10 SDK, nothing else.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

# A minimal Debian has no ICU, without which `dotnet` itself would not start; we need none of it.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# No build server may outlive the command: one that holds our standard output keeps a pipe behind it open.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

if ! command -v dotnet >/dev/null 2>&1; then
  echo "build.sh: the .NET SDK 10 is not installed (no 'dotnet' in PATH). Get it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi
version="$(cd "$root" && dotnet --version 2>/dev/null || true)"
if [[ ! "${version%%.*}" =~ ^[0-9]+$ || "${version%%.*}" -lt 10 ]]; then
  echo "build.sh: the .NET SDK 10 is needed; 'dotnet --list-sdks' here says:" >&2
  dotnet --list-sdks >&2 || true
  echo "Get it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi
exec dotnet run --project "$root/build" --verbosity quiet -- "$@"
