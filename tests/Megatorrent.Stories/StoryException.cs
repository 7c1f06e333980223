namespace Megatorrent.Stories;

/// <summary>A story did not end as it must; the message says what was expected and what was found.</summary>
internal sealed class StoryException(string message) : Exception(message);
