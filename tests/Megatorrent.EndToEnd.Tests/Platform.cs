using System.Runtime.Versioning;

[assembly: UnsupportedOSPlatform("windows")] // Unix modes and signals are what is tested here
