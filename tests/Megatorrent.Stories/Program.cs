using Megatorrent.Stories;

return await StoryProgram.RunAsync(args);
