// The allocator of both services is jemalloc, which reads this name. Calls that waited together,
// of 18 KiB each within gRPC, leave glibc's arenas full of holes that stay resident; jemalloc
// gives back what it has not needed for a second.
extern "C" const char* const malloc_conf;
extern "C" const char* const malloc_conf = "dirty_decay_ms:1000";
