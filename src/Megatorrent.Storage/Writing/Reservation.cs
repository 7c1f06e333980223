namespace Megatorrent.Storage.Writing;

/// <summary>Room in the capacity that a put has been promised. Belongs to the store's lock.</summary>
internal sealed class Reservation
{
    /// <summary>Bytes promised and not yet written; 0 once they are, or the put has ended.</summary>
    public long Bytes { get; set; }
}
