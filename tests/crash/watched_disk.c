/* What does a program do to the files of one folder, step by step, and what if a step fails, or is its last?

   Loaded before the C library (LD_PRELOAD). Every step that changes a file below the watched folder is counted, written into a journal with its
   data, and may be made to fail or to be the moment at which the process is killed. The shared memory of SQLite's log (-shm) is left alone: whoever
   opens the database first empties it. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILES 4096
#define INODES 4096

enum trouble { NONE, KILL, KILL_HALFWAY, FAIL, FAIL_FROM_NOW_ON };

static char folder[1024];
static size_t folder_length;
static int journal = -1;
static long steps, trouble_at;
static enum trouble trouble;
static int trouble_errno;
static long syncs_until_failure;
static long room = -1; /* bytes by which files may still grow; -1: no limit */

static uint32_t file_of[FILES]; /* file descriptor -> our number of the file; 0: not watched */
static struct { ino_t inode; uint32_t file; } known[INODES];
static uint32_t files;
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
static ssize_t (*real_write)(int, const void *, size_t);

void disk_watch(const char *path, int fd) {
    real_write = dlsym(RTLD_NEXT, "write");
    strncpy(folder, path, sizeof folder - 1);
    folder_length = strlen(folder);
    journal = fd;
}

void disk_trouble(int kind, long at, int error) { trouble = kind; trouble_at = at; trouble_errno = error; steps = 0; }
void disk_mend(void) { trouble = NONE; }
void disk_fail_sync(long nth) { syncs_until_failure = nth; }
void disk_room(long bytes) { room = bytes; }
long disk_steps(void) { return steps; }

static const char *watched(const char *path) {
    if (!folder_length || strncmp(path, folder, folder_length) || (path[folder_length] && path[folder_length] != '/')) return NULL;
    size_t length = strlen(path);
    if (length > 4 && !strcmp(path + length - 4, "-shm")) return NULL;
    return path[folder_length] ? path + folder_length + 1 : ".";
}

static void note(char kind, int failed, uint32_t file, const char *name, const void *data, uint32_t length, uint64_t offset) {
    if (journal < 0) return;
    struct { char kind; uint8_t failed; uint16_t name; uint32_t file, data, unused; uint64_t offset; } head =
        { kind, failed, strlen(name), file, length, 0, offset };
    real_write(journal, &head, sizeof head);
    real_write(journal, name, head.name);
    real_write(journal, data, length);
}

/* A step begins. 0: go on; 1: go halfway, then end; else an errno. */
static int step(void) {
    steps++;
    int due = trouble == FAIL_FROM_NOW_ON ? steps >= trouble_at : steps == trouble_at;
    if (!due || trouble == NONE) return 0;
    if (trouble == KILL) kill(getpid(), SIGKILL);
    return trouble == KILL_HALFWAY ? -1 : trouble_errno;
}

static uint32_t number_of(int fd, const char *name, int made) {
    struct stat found;
    fstat(fd, &found);
    uint32_t at = 0;
    while (at < files && known[at].inode != found.st_ino) at++;
    if (at == files || made) {
        if (at == files) { files++; if (files >= INODES) abort(); }
        static uint32_t last;
        known[at].inode = found.st_ino;
        known[at].file = ++last;
        note(made ? 'C' : 'O', 0, last, name, "", 0, 0);
    }
    return known[at].file;
}

static int open_watched(const char *path, int flags, mode_t mode) {
    REAL(int, "open64", const char *, int, ...);
    const char *name = watched(path);
    if (!name) return real(path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int made = (flags & O_CREAT) && stat(path, &before);
    int wrong = made || (flags & O_TRUNC) ? step() : 0;
    int fd = -1;
    if (wrong > 0) errno = wrong;
    else fd = real(path, flags, mode);
    if (fd >= 0 && fd < FILES) {
        file_of[fd] = number_of(fd, name, made);
        if ((flags & O_TRUNC) && !made) note('T', 0, file_of[fd], "", "", 0, 0);
    }
    if (wrong < 0) kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE va_list rest; va_start(rest, flags); mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; va_end(rest)
int open(const char *path, int flags, ...) { MODE; return open_watched(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE; return open_watched(path, flags, mode); }

int close(int fd) {
    REAL(int, "close", int);
    if (fd >= 0 && fd < FILES) file_of[fd] = 0;
    return real(fd);
}

static ssize_t put(int fd, const void *data, size_t length, off_t offset, int moves) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    pthread_mutex_lock(&lock);
    int wrong = step();
    struct stat now;
    fstat(fd, &now);
    long grows = offset + (long)length - now.st_size;
    if (!wrong && room >= 0 && grows > room) wrong = ENOSPC;
    if (wrong < 0) length /= 2;
    ssize_t done = -1;
    if (wrong > 0) errno = wrong;
    else {
        done = real(fd, data, length, offset);
        if (room >= 0 && grows > 0) room -= grows;
        if (done > 0) note('W', 0, file_of[fd], "", data, done, offset);
        if (moves && done > 0) lseek(fd, offset + done, SEEK_SET);
    }
    if (wrong < 0) kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *data, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (fd < 0 || fd >= FILES || !file_of[fd]) return real(fd, data, length);
    return put(fd, data, length, lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR), 1);
}

static ssize_t put_at(int fd, const void *data, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    if (fd < 0 || fd >= FILES || !file_of[fd]) return real(fd, data, length, offset);
    return put(fd, data, length, offset, 0);
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return put_at(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return put_at(fd, data, length, offset); }

static int cut_off(int fd, off_t length) {
    REAL(int, "ftruncate64", int, off_t);
    if (fd < 0 || fd >= FILES || !file_of[fd]) return real(fd, length);
    pthread_mutex_lock(&lock);
    int wrong = step(), done = -1;
    if (wrong > 0) errno = wrong;
    else if ((done = real(fd, length)) == 0) note('T', 0, file_of[fd], "", "", 0, length);
    if (wrong < 0) kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate(int fd, off_t length) { return cut_off(fd, length); }
int ftruncate64(int fd, off_t length) { return cut_off(fd, length); }

static int sync_watched(int fd, int (*real)(int)) {
    if (fd < 0 || fd >= FILES || !file_of[fd]) return real(fd);
    pthread_mutex_lock(&lock);
    int wrong = step(), done = -1;
    if (syncs_until_failure && !--syncs_until_failure) wrong = EIO;
    if (wrong > 0) errno = wrong;
    else done = real(fd);
    note('S', wrong > 0, file_of[fd], "", "", 0, 0);
    if (wrong < 0) kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
    return done;
}
int fsync(int fd) { REAL(int, "fsync", int); return sync_watched(fd, real); }
int fdatasync(int fd) { REAL(int, "fdatasync", int); return sync_watched(fd, real); }

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    const char *name = watched(path);
    struct stat found;
    if (!name || stat(path, &found)) return real(path);
    pthread_mutex_lock(&lock);
    int wrong = step(), done = -1;
    if (wrong > 0) errno = wrong;
    else if ((done = real(path)) == 0) note('U', 0, 0, name, "", 0, 0);
    if (wrong < 0) kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
    return done;
}

static int place(const char *path, const char *to, char kind, int (*real)(const char *, const char *)) {
    const char *name = watched(path), *other = watched(to);
    if (!name || !other) return real(path, to);
    pthread_mutex_lock(&lock);
    int wrong = step(), done = -1;
    if (wrong > 0) errno = wrong;
    else if ((done = real(path, to)) == 0) note(kind, 0, 0, name, other, strlen(other), 0);
    if (wrong < 0) kill(getpid(), SIGKILL);
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *path, const char *to) { REAL(int, "rename", const char *, const char *); return place(path, to, 'R', real); }
int link(const char *path, const char *to) { REAL(int, "link", const char *, const char *); return place(path, to, 'L', real); }

int statvfs(const char *path, struct statvfs *told) {
    REAL(int, "statvfs64", const char *, struct statvfs *);
    int done = real(path, told);
    if (!done && room >= 0 && watched(path)) { told->f_frsize = 1; told->f_bavail = room; }
    return done;
}
int statvfs64(const char *path, struct statvfs64 *told) { return statvfs(path, (struct statvfs *)told); }
