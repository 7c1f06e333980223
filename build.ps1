# A thin front of the build tool in build/ (see `./build.ps1 help`); it needs the .NET 10 SDK, nothing else.
$ErrorActionPreference = 'Stop'
$env:DOTNET_SYSTEM_GLOBALIZATION_INVARIANT = '1'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$env:MSBUILDDISABLENODEREUSE = '1'
$env:DOTNET_CLI_USE_MSBUILD_SERVER = '0'

if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
    [Console]::Error.WriteLine("build.ps1: the .NET SDK 10 is not installed (no 'dotnet' in PATH). Get it from https://dotnet.microsoft.com/download/dotnet/10.0")
    exit 1
}
Push-Location $PSScriptRoot
try { $version = "$(dotnet --version)" } finally { Pop-Location }
if ($version -notmatch '^(\d+)\.' -or [int]$Matches[1] -lt 10) {
    [Console]::Error.WriteLine("build.ps1: the .NET SDK 10 is needed, not '$version'. Get it from https://dotnet.microsoft.com/download/dotnet/10.0")
    exit 1
}
dotnet run --project "$PSScriptRoot/build" --verbosity quiet -- @args
exit $LASTEXITCODE
