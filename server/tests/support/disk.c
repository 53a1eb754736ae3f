/*
 * A disk that fails, for tests: a library for LD_PRELOAD that stands between a program and the C
 * library. It is a simulation, and docs/FAULTS.md says where it ends.
 *
 *   SISKIN_FAULT_DIR      the folder that it is about, an absolute path without links
 *   SISKIN_FAULT_CONTROL  a file of 4096 bytes that steers it: numbers of 8 bytes, as in `struct
 *                         control` below, to be written at any time
 *   SISKIN_FAULT_SHADOW   a folder for what has reached the "disk"; without it that is not followed
 *
 * What is on the disk: only what fsync or fdatasync was successful for, byte by byte; a name only
 * after an fsync of its folder. Writes, truncations, creations, removals and renames that nobody
 * synced are not there. A failed fsync forgets what it should have written, as Linux does: the next
 * one does not write it again. On demand the whole "disk" is copied to SHADOW/snap-N, at the n-th
 * operation from now, optionally with a random part of the sectors that were not synced: that is
 * what a power loss at this moment would leave.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Kinds of files, as bits of the masks below. */
enum { DB = 1, WAL = 2, SHM = 4, OTHER = 8 };

struct control {
    _Atomic int64_t full;        /*  0: 1 = there is room for only so many bytes more: */
    _Atomic int64_t room;        /*  1 */
    _Atomic int64_t eio_write;   /*  2: writes to files of these kinds fail with EIO */
    _Atomic int64_t eio_read;    /*  3: reads */
    _Atomic int64_t eio_fsync;   /*  4: fsync and fdatasync */
    _Atomic int64_t eio_left;    /*  5: so many failures with EIO are left; -1 = no end */
    _Atomic int64_t fsync_us;    /*  6: each fsync takes so many microseconds more */
    _Atomic int64_t short_every; /*  7: each n-th write writes half of what it was given; 0 = none */
    _Atomic int64_t clock_ms;    /*  8: the wall clock is wrong by so many milliseconds */
    _Atomic int64_t acks;        /*  9: what the test has seen acknowledged so far, by its own count */
    _Atomic int64_t snap_want;   /* 10: make the snapshot of this number */
    _Atomic int64_t snap_skip;   /* 11: after so many operations more */
    _Atomic int64_t snap_torn;   /* 12: with a random part of unsynced sectors: a seed, 0 = none */
    _Atomic int64_t snap_done;   /* 13: out: the last snapshot that is there */
    _Atomic int64_t faults;      /* 14: out: how many failures were made */
    _Atomic int64_t fsyncs;      /* 15: out: how many fsyncs there were */
};

struct range { off_t from, to; };
struct file {
    ino_t ino;
    int kind, number, fd, cut, many, below;
    struct range ranges[256];
};

static struct control idle;
static struct control *control = &idle;
static char folder[1024], shadow[1024];
static size_t folder_len;

#define MOST_FDS 65536
#define MOST_FILES 1024
static _Atomic(struct file *) by_fd[MOST_FDS];
static struct file the_folder;
static struct file *files[MOST_FILES];
static int file_count, numbers;
/* The names on the disk, and whose content they have. */
static struct { char name[256]; int number; } names[256];
static int name_count;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(type, name, ...) static type (*real_##name)(__VA_ARGS__)
REAL(int, open, const char *, int, ...);
REAL(int, openat, int, const char *, int, ...);
REAL(int, close, int);
REAL(ssize_t, read, int, void *, size_t);
REAL(ssize_t, pread, int, void *, size_t, off_t);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
REAL(ssize_t, writev, int, const struct iovec *, int);
REAL(int, ftruncate, int, off_t);
REAL(int, fsync, int);
REAL(int, fdatasync, int);
REAL(int, clock_gettime, clockid_t, struct timespec *);

static void at(char *path, const char *name) { snprintf(path, 1400, "%s/%s", shadow, name); }

/* Copies a range of one file to the same place of another. */
static void copy(int from, int to, off_t start, off_t end) {
    static char buffer[1 << 16]; /* under `turn` */
    while (start < end) {
        size_t want = end - start < (off_t)sizeof buffer ? (size_t)(end - start) : sizeof buffer;
        ssize_t n = real_pread(from, buffer, want, start);
        if (n <= 0 || real_pwrite(to, buffer, n, start) != n) return;
        start += n;
    }
}

static off_t size_of(int fd) {
    struct stat s;
    return fstat(fd, &s) == 0 ? s.st_size : 0;
}

static int content(int number, int flags) {
    char name[32], path[1400];
    snprintf(name, sizeof name, "disk/%d", number);
    at(path, name);
    return real_open(path, flags, 0600);
}

static int kind_of(const char *name) {
    size_t n = strlen(name);
    if (n > 4 && !strcmp(name + n - 4, "-wal")) return WAL;
    if (n > 4 && !strcmp(name + n - 4, "-shm")) return SHM;
    if (n > 3 && !strcmp(name + n - 3, ".db")) return DB;
    return OTHER;
}

/* The name within the folder, or null. */
static const char *within(const char *path) {
    if (!folder_len || strncmp(path, folder, folder_len) || path[folder_len] != '/') return NULL;
    return path + folder_len + 1;
}

static struct file *known(ino_t ino) {
    for (int i = file_count; i-- > 0;)
        if (files[i]->ino == ino) return files[i];
    return NULL;
}

/* Notes a file; `fresh` if it was created just now. Under `turn`. */
static struct file *note(const char *name, int fd, int fresh) {
    struct stat s;
    if (fstat(fd, &s) || !S_ISREG(s.st_mode)) return NULL;
    struct file *file = known(s.st_ino);
    if (file && fresh) file->ino = 0; /* the number of a file that is gone */
    if (!file || fresh) {
        if (file_count == MOST_FILES || !(file = calloc(1, sizeof *file))) return NULL;
        file->ino = s.st_ino;
        file->kind = kind_of(name);
        file->number = ++numbers;
        file->below = strchr(name, '/') != NULL;
        /* Never closed: that would drop the locks that the program has on the file. */
        char path[1400];
        snprintf(path, sizeof path, "%s/%s", folder, name);
        file->fd = shadow[0] ? real_open(path, O_RDONLY | O_CLOEXEC) : -1;
        files[file_count++] = file;
    }
    return file;
}

/* The names of the folder become those of the disk. Under `turn`. */
static void sync_names(void) {
    DIR *all = opendir(folder);
    if (!all) return;
    name_count = 0;
    for (struct dirent *entry; (entry = readdir(all));) {
        struct file *file = known(entry->d_ino);
        if (entry->d_name[0] == '.' || !file || file->kind == SHM || name_count == 256) continue;
        snprintf(names[name_count].name, 256, "%s", entry->d_name);
        names[name_count++].number = file->number;
    }
    closedir(all);
}

/* What was there before the program began is on the disk. */
static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_read = dlsym(RTLD_NEXT, "read");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    const char *dir = getenv("SISKIN_FAULT_DIR"), *path = getenv("SISKIN_FAULT_CONTROL");
    const char *disk = getenv("SISKIN_FAULT_SHADOW");
    if (path) {
        int fd = real_open(path, O_RDWR | O_CLOEXEC);
        void *map = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map != MAP_FAILED) control = map;
        if (fd >= 0) real_close(fd);
    }
    if (disk) {
        char made[1400];
        snprintf(shadow, sizeof shadow, "%s", disk);
        at(made, "disk");
        mkdir(made, 0700);
    }
    if (!dir) return;
    snprintf(folder, sizeof folder, "%s", dir);
    folder_len = strlen(folder);
    DIR *all = shadow[0] ? opendir(folder) : NULL;
    if (!all) return;
    for (struct dirent *entry; (entry = readdir(all));) {
        char there[1400];
        snprintf(there, sizeof there, "%s/%s", folder, entry->d_name);
        int fd = entry->d_name[0] == '.' ? -1 : real_open(there, O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        struct file *file = note(entry->d_name, fd, 1);
        int to = file ? content(file->number, O_WRONLY | O_CREAT | O_TRUNC) : -1;
        if (to >= 0) {
            copy(fd, to, 0, size_of(fd));
            real_close(to);
        }
        real_close(fd);
    }
    closedir(all);
    sync_names();
}

__attribute__((constructor)) static void ready(void) { pthread_once(&once, begin); }

static struct file *file_of(int fd) {
    ready();
    return fd >= 0 && fd < MOST_FDS ? by_fd[fd] : NULL;
}

static uint64_t dice(uint64_t *seed) {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545F4914F6CDD1DULL >> 11;
}

/* Some of the sectors that were written and not synced reach the disk, too. */
static void tear(struct file *file, int to, uint64_t *seed) {
    for (int i = 0; i < file->many; i++)
        for (off_t from = file->ranges[i].from; from < file->ranges[i].to;) {
            off_t end = (from / 512 + 1) * 512;
            if (end > file->ranges[i].to) end = file->ranges[i].to;
            if (dice(seed) & 1) copy(file->fd, to, from, end);
            from = end;
        }
    if (file->cut && dice(seed) & 1) real_ftruncate(to, size_of(file->fd));
}

/* Copies the disk, if that is wanted and its moment has come. Under `turn`. */
static void moment(void) {
    int64_t wanted = control->snap_want;
    if (!shadow[0] || wanted == control->snap_done) return;
    if (control->snap_skip > 0) {
        control->snap_skip--;
        return;
    }
    int64_t acks = control->acks;
    uint64_t seed = control->snap_torn;
    char name[400], path[1400];
    snprintf(name, sizeof name, "snap-%lld", (long long)wanted);
    at(path, name);
    mkdir(path, 0700);
    for (int i = 0; i < name_count; i++) {
        snprintf(name, sizeof name, "snap-%lld/%.255s", (long long)wanted, names[i].name);
        at(path, name);
        int to = real_open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        int from = content(names[i].number, O_RDONLY);
        if (from >= 0) {
            copy(from, to, 0, size_of(from));
            real_close(from);
        }
        for (int j = 0; seed && j < file_count; j++)
            if (files[j]->number == names[i].number) tear(files[j], to, &seed);
        real_close(to);
    }
    snprintf(name, sizeof name, "snap-%lld.acks", (long long)wanted);
    at(path, name);
    int to = real_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dprintf(to, "%lld", (long long)acks);
    real_close(to);
    control->snap_done = wanted;
}

static void operation(void) {
    if (!shadow[0]) return;
    pthread_mutex_lock(&turn);
    moment();
    pthread_mutex_unlock(&turn);
}

static void dirty(struct file *file, off_t from, off_t to) {
    if (!shadow[0] || file->kind == SHM || from >= to) return;
    pthread_mutex_lock(&turn);
    struct range *last = file->many ? &file->ranges[file->many - 1] : NULL;
    if (last && from >= last->from && from <= last->to) {
        if (to > last->to) last->to = to;
    } else if (file->many < 256) {
        file->ranges[file->many++] = (struct range){from, to};
    } else { /* one that holds all */
        off_t least = from, most = to;
        for (int i = 0; i < file->many; i++) {
            if (file->ranges[i].from < least) least = file->ranges[i].from;
            if (file->ranges[i].to > most) most = file->ranges[i].to;
        }
        file->ranges[0] = (struct range){least, most};
        file->many = 1;
    }
    moment();
    pthread_mutex_unlock(&turn);
}

static int fails(struct file *file, _Atomic int64_t *kinds) {
    if (!file || !(*kinds & file->kind)) return 0;
    int64_t left = control->eio_left;
    if (left == 0) return 0;
    if (left > 0) control->eio_left--;
    control->faults++;
    errno = EIO;
    return 1;
}

/* How much of a write at `off` can be done: all, less, or -1 with the error. */
static ssize_t allowed(struct file *file, int fd, size_t n, off_t off) {
    static _Atomic int64_t writes;
    if (fails(file, &control->eio_write)) return -1;
    if (control->full) {
        off_t growth = off + (off_t)n - size_of(fd);
        /* SQLite's way to have a page of the index allocated. */
        if (file->kind == SHM && n == 1) growth = 4096;
        if (growth > 0) {
            int64_t room = control->room;
            if (growth <= room) {
                control->room -= growth;
            } else {
                control->faults++;
                off_t fits = (off_t)n - growth + room;
                control->room = 0;
                if (fits > 0 && n > 1) return fits;
                errno = ENOSPC;
                return -1;
            }
        }
    }
    int64_t every = control->short_every;
    if (every > 0 && n > 1 && file->kind != SHM && ++writes % every == 0) {
        control->faults++;
        return n / 2;
    }
    return n;
}

static int opened(const char *path, int fd, int fresh) {
    const char *name = within(path);
    if (fd < 0 || fd >= MOST_FDS) return fd;
    if (name) {
        pthread_mutex_lock(&turn);
        by_fd[fd] = note(name, fd, fresh);
        pthread_mutex_unlock(&turn);
    } else {
        by_fd[fd] = folder_len && !strcmp(path, folder) ? &the_folder : NULL;
    }
    return fd;
}

static int open_at(int dir, const char *path, int flags, mode_t mode) {
    ready();
    struct stat s;
    int saved = errno;
    int fresh = (flags & O_CREAT) && within(path) && stat(path, &s) != 0;
    errno = saved;
    return opened(path, real_openat(dir, path, flags, mode), fresh);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list v; va_start(v, flags); mode = va_arg(v, mode_t); va_end(v); }
int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE(flags) return open_at(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE(flags) return open_at(dir, path, flags | O_LARGEFILE, mode); }

int close(int fd) {
    if (file_of(fd)) by_fd[fd] = NULL;
    return real_close(fd);
}

ssize_t read(int fd, void *to, size_t n) {
    return fails(file_of(fd), &control->eio_read) ? -1 : real_read(fd, to, n);
}
ssize_t pread64(int fd, void *to, size_t n, off_t off) {
    return fails(file_of(fd), &control->eio_read) ? -1 : real_pread(fd, to, n, off);
}
ssize_t pread(int fd, void *to, size_t n, off_t off) { return pread64(fd, to, n, off); }

ssize_t write(int fd, const void *from, size_t n) {
    struct file *file = file_of(fd);
    if (!file) return real_write(fd, from, n);
    off_t off = lseek(fd, 0, SEEK_CUR);
    ssize_t fits = allowed(file, fd, n, off);
    if (fits < 0) return -1;
    ssize_t done = real_write(fd, from, fits);
    if (done > 0) dirty(file, off, off + done);
    return done;
}
ssize_t pwrite64(int fd, const void *from, size_t n, off_t off) {
    struct file *file = file_of(fd);
    if (!file) return real_pwrite(fd, from, n, off);
    ssize_t fits = allowed(file, fd, n, off);
    if (fits < 0) return -1;
    ssize_t done = real_pwrite(fd, from, fits, off);
    if (done > 0) dirty(file, off, off + done);
    return done;
}
ssize_t pwrite(int fd, const void *from, size_t n, off_t off) { return pwrite64(fd, from, n, off); }
ssize_t writev(int fd, const struct iovec *parts, int many) {
    /* A short write is allowed to whoever calls this. */
    return file_of(fd) && many > 0 ? write(fd, parts[0].iov_base, parts[0].iov_len) : real_writev(fd, parts, many);
}

int ftruncate64(int fd, off_t size) {
    struct file *file = file_of(fd);
    int done = real_ftruncate(fd, size);
    if (file && !done && shadow[0]) {
        pthread_mutex_lock(&turn);
        file->cut = 1;
        moment();
        pthread_mutex_unlock(&turn);
    }
    return done;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* What was written before is on the disk from now on. */
static int synced(int fd, int (*sync)(int)) {
    struct file *file = file_of(fd);
    if (!file) return sync(fd);
    control->fsyncs++;
    operation();
    if (control->fsync_us > 0) usleep(control->fsync_us);
    int failed = fails(file, &control->eio_fsync);
    if (!failed && sync(fd)) return -1;
    if (!shadow[0]) return -failed;
    pthread_mutex_lock(&turn);
    if (file == &the_folder) {
        sync_names();
    } else if (!failed && !file->below) {
        int to = content(file->number, O_RDWR | O_CREAT);
        for (int i = 0; i < file->many; i++) copy(file->fd, to, file->ranges[i].from, file->ranges[i].to);
        real_ftruncate(to, size_of(file->fd));
        real_close(to);
    }
    file->many = file->cut = 0;
    moment();
    pthread_mutex_unlock(&turn);
    if (failed) errno = EIO;
    return -failed;
}
int fsync(int fd) { ready(); return synced(fd, real_fsync); }
int fdatasync(int fd) { ready(); return synced(fd, real_fdatasync); }

static void shift(int64_t *s, long *ns) {
    int64_t ms = control->clock_ms;
    if (!ms) return;
    int64_t all = *ns + (ms % 1000) * 1000000;
    *s += ms / 1000 + (all < 0 ? -1 : all >= 1000000000 ? 1 : 0);
    *ns = all < 0 ? all + 1000000000 : all % 1000000000;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    ready();
    int done = real_clock_gettime(clock, now);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t s = now->tv_sec;
        shift(&s, &now->tv_nsec);
        now->tv_sec = s;
    }
    return done;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec t;
    (void)zone;
    int done = clock_gettime(CLOCK_REALTIME, &t);
    *now = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
    return done;
}
time_t time(time_t *to) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (to) *to = t.tv_sec;
    return t.tv_sec;
}
