using Megatorrent.Abi.Suite;

return await SuiteProgram.RunAsync(args);
