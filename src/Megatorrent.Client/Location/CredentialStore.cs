using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client.Location;

/// <summary>Finds the credential of client commands, and keeps the one in the user's configuration folder.</summary>
public static class CredentialStore
{
    /// <summary>The variable that names a credential file, or holds the credential itself.</summary>
    public const string Variable = "MEGATORRENT_CREDENTIAL";

    /// <summary>
    /// The credential: of <paramref name="file"/>, else of the variable, else of the configuration folder. Null when none of the three is
    /// there.
    /// </summary>
    /// <param name="environment">Where to look, and whom to warn.</param>
    /// <param name="file">A file that the user named, or null.</param>
    /// <exception cref="MegatorrentException">The file that was named is missing, unreadable, or holds something else.</exception>
    public static Credential? Find(ClientEnvironment environment, string? file)
    {
        if (file is not null)
            return Load(environment, file);
        if (environment.Variable(Variable) is { Length: > 0 } value)
            return value.StartsWith(Credential.TextPrefix, StringComparison.Ordinal) ? Credential.Parse(value) : Load(environment, value);
        string standard = ConfigFolder.Find(environment.Variable).CredentialPath;
        return File.Exists(standard) ? Load(environment, standard) : null;
    }

    /// <summary>Reads a credential file, warning where others may read it too.</summary>
    /// <exception cref="MegatorrentException">It is missing, unreadable, or holds something else.</exception>
    public static Credential Load(ClientEnvironment environment, string path)
    {
        string text;
        try
        {
            text = SecretFile.Read(path);
            if (SecretFile.IsReadableByOthers(path))
                environment.Warn($"{path} can be read by other users; `chmod 600 {path}` keeps the credential yours");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MegatorrentException(ErrorKind.NotFound, $"there is no credential file {path}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MegatorrentException(ErrorKind.InputOutput, $"cannot read the credential: {exception.Message}", exception);
        }
        try
        {
            return Credential.Parse(text);
        }
        catch (MegatorrentException exception)
        {
            throw new MegatorrentException(exception.Kind, $"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Makes <paramref name="credential"/> the default one. Another subject's credential that was there is kept beside it under a name of
    /// its own, since nothing else may hold its tenant secret.
    /// </summary>
    /// <returns>Where the earlier one is now, or null when there was none to keep.</returns>
    public static string? SaveDefault(ConfigFolder folder, Credential credential)
    {
        SecretFile.CreateFolder(folder.Path);
        string? kept = null;
        if (File.Exists(folder.CredentialPath) && !HoldsSubject(folder.CredentialPath, credential.Certificate.Subject))
        {
            kept = FreeName(folder.CredentialPath);
            File.Move(folder.CredentialPath, kept);
        }
        SecretFile.Write(folder.CredentialPath, credential.ToText() + "\n");
        return kept;
    }

    private static bool HoldsSubject(string path, NodeId subject)
    {
        try
        {
            using Credential earlier = Credential.Parse(SecretFile.Read(path));
            return earlier.Certificate.Subject == subject;
        }
        catch (MegatorrentException)
        {
            return false; // whatever it is, it is kept
        }
    }

    private static string FreeName(string path)
    {
        for (int number = 1; ; number++)
        {
            string candidate = $"{path}.earlier-{number}";
            if (!File.Exists(candidate))
                return candidate;
        }
    }
}
