using Megatorrent.Bench;

return BenchProgram.Run(args);
