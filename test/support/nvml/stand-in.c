/* A stand-in for libnvidia-ml.so.1: boards in memory that do what real ones do when they misbehave. Tests steer it
 * through the stand_in_ functions. With NVML_STAND_IN_STATE the boards live in that file, so that they outlast the
 * process as real ones do. Written from the documented prototypes of nvml.h. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))
enum { BOARDS = 4, RULES = 16, PROCESSES = 8, CLOCK_LOW = 210, CLOCK_HIGH = 1980 };
#ifndef CLOCK_STEP
#define CLOCK_STEP 15
#endif
enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, SMALL = 7, LOST = 15, FREQUENCY = 24 };

typedef struct {
  unsigned pid, instance;
} Process;

typedef struct {
  /* steered by tests */
  int64_t lost, busy, cap, reasons, clamp_low, clamp_high, slow_ms, mig, no_energy, temperature;
  int64_t process_count;
  Process processes[PROCESSES];
  /* set by callers */
  int64_t lock, applications, memory_lock, limit_mw;
  /* counts up */
  int64_t energy_mj, energy_at_ms, locks, resets;
} Board;

typedef struct {
  char call[64];
  int64_t board, code, times;
} Rule;

typedef struct {
  int64_t ready, open;
  Board boards[BOARDS];
  Rule rules[RULES];
} State;

static State local;
static State *state = &local;

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

API void stand_in_open(const char *path) {
  if (path != NULL) {
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof(State)) != 0) abort();
    state = mmap(NULL, sizeof(State), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (state == MAP_FAILED) abort();
  }
  if (state->ready) return;
  for (int i = 0; i < BOARDS; i++) {
    state->boards[i].limit_mw = 700000;
    state->boards[i].temperature = 40;
    state->boards[i].energy_mj = 1000000 * (i + 1);
    state->boards[i].energy_at_ms = now_ms();
  }
  state->ready = 1;
}

__attribute__((constructor)) static void begin(void) { stand_in_open(getenv("NVML_STAND_IN_STATE")); }

static int64_t clock_of(const Board *b) {
  int64_t clock = b->lock ? b->lock : b->busy ? CLOCK_HIGH : CLOCK_LOW;
  if (!b->lock && b->applications && b->applications < clock) clock = b->applications;
  if (b->cap && b->cap < clock) clock = b->cap;
  return clock;
}

static int64_t power_mw(const Board *b) {
  if (b->lost) return 0;
  double x = (double)clock_of(b) / CLOCK_HIGH;
  return b->busy ? 90000 + (int64_t)(600000 * x * x * x) : 70000;
}

static int64_t energy_of(Board *b) {
  int64_t now = now_ms();
  b->energy_mj += power_mw(b) * (now - b->energy_at_ms) / 1000;
  b->energy_at_ms = now;
  return b->energy_mj;
}

/* Handles: a board is 1 to BOARDS, a MIG instance 100 * board + instance. */
static int enter(const char *call, uintptr_t handle, Board **board) {
  int index = (int)(handle >= 100 ? handle / 100 : handle) - 1;
  if (!state->open) return UNINITIALIZED;
  if (index < 0 || index >= BOARDS) return INVALID;
  *board = &state->boards[index];
  if ((*board)->slow_ms) usleep((useconds_t)(*board)->slow_ms * 1000);
  for (int i = 0; i < RULES; i++) {
    Rule *rule = &state->rules[i];
    if (!rule->times || strcmp(rule->call, call) || (rule->board >= 0 && rule->board != index)) continue;
    if (rule->times > 0) rule->times--;
    return (int)rule->code;
  }
  return (*board)->lost ? LOST : OK;
}

#define ENTER(handle) \
  Board *b; \
  int code = enter(__func__, handle, &b); \
  if (code) return code

API int nvmlInit_v2(void) {
  for (int i = 0; i < RULES; i++) {
    Rule *rule = &state->rules[i];
    if (!rule->times || strcmp(rule->call, __func__)) continue;
    if (rule->times > 0) rule->times--;
    return (int)rule->code;
  }
  state->open = 1;
  return OK;
}
API int nvmlShutdown(void) { state->open = 0; return OK; }
API int nvmlDeviceGetCount_v2(unsigned *count) {
  if (!state->open) return UNINITIALIZED;
  *count = BOARDS;
  return OK;
}
API int nvmlDeviceGetHandleByIndex_v2(unsigned index, uintptr_t *handle) {
  ENTER(index + 1);
  (void)b;
  *handle = index + 1;
  return OK;
}
API int nvmlDeviceGetUUID(uintptr_t handle, char *text, unsigned size) {
  ENTER(handle);
  (void)b;
  snprintf(text, size, "GPU-stand-in-%d", (int)handle - 1);
  return OK;
}
API int nvmlDeviceGetName(uintptr_t handle, char *text, unsigned size) {
  ENTER(handle);
  (void)b;
  snprintf(text, size, "NVIDIA H100 80GB HBM3");
  return OK;
}
API int nvmlDeviceGetSupportedMemoryClocks(uintptr_t handle, unsigned *count, unsigned *clocks) {
  ENTER(handle);
  (void)b;
  if (*count < 2) return SMALL;
  *count = 2;
  clocks[0] = 2619;
  clocks[1] = 1593;
  return OK;
}
API int nvmlDeviceGetSupportedGraphicsClocks(uintptr_t handle, unsigned memory, unsigned *count, unsigned *clocks) {
  ENTER(handle);
  (void)b;
  if (memory != 2619 && memory != 1593) return NOT_FOUND;
  unsigned n = 0;
  for (int clock = CLOCK_HIGH; clock >= CLOCK_LOW; clock -= CLOCK_STEP) {
    if (n == *count) return SMALL;
    clocks[n++] = (unsigned)clock;
  }
  *count = n;
  return OK;
}
API int nvmlDeviceGetClockInfo(uintptr_t handle, int type, unsigned *clock) {
  ENTER(handle);
  *clock = type == 2 ? (b->memory_lock ? (unsigned)b->memory_lock : 2619) : (unsigned)clock_of(b);
  return OK;
}
API int nvmlDeviceGetPowerUsage(uintptr_t handle, unsigned *milliwatts) {
  ENTER(handle);
  *milliwatts = (unsigned)power_mw(b);
  return OK;
}
API int nvmlDeviceGetTotalEnergyConsumption(uintptr_t handle, unsigned long long *millijoules) {
  ENTER(handle);
  if (b->no_energy) return NOT_SUPPORTED;
  *millijoules = (unsigned long long)energy_of(b);
  return OK;
}
API int nvmlDeviceGetUtilizationRates(uintptr_t handle, unsigned *rates) {
  ENTER(handle);
  if (b->mig) return NOT_SUPPORTED;
  rates[0] = b->busy ? 97 : 0;
  rates[1] = b->busy ? 40 : 0;
  return OK;
}
API int nvmlDeviceGetTemperature(uintptr_t handle, int sensor, unsigned *celsius) {
  ENTER(handle);
  if (sensor != 0) return INVALID;
  *celsius = (unsigned)b->temperature;
  return OK;
}
API int nvmlDeviceGetCurrentClocksEventReasons(uintptr_t handle, unsigned long long *reasons) {
  ENTER(handle);
  *reasons = (unsigned long long)(b->reasons ? b->reasons : b->busy ? 0 : 1);
  return OK;
}
typedef struct {
  unsigned pid;
  unsigned long long memory;
  unsigned instance, compute;
} ProcessInfo;
API int nvmlDeviceGetComputeRunningProcesses_v3(uintptr_t handle, unsigned *count, ProcessInfo *infos) {
  ENTER(handle);
  if (*count < (unsigned)b->process_count) return SMALL;
  *count = (unsigned)b->process_count;
  for (unsigned i = 0; i < *count; i++) {
    infos[i] = (ProcessInfo){b->processes[i].pid, 1 << 30, b->processes[i].instance, 0xffffffff};
  }
  return OK;
}
API int nvmlDeviceGetMigMode(uintptr_t handle, unsigned *current, unsigned *pending) {
  ENTER(handle);
  *current = *pending = b->mig > 0;
  return OK;
}
API int nvmlDeviceGetMaxMigDeviceCount(uintptr_t handle, unsigned *count) {
  ENTER(handle);
  (void)b;
  *count = 7;
  return OK;
}
API int nvmlDeviceGetMigDeviceHandleByIndex(uintptr_t handle, unsigned index, uintptr_t *device) {
  ENTER(handle);
  if ((int64_t)index >= b->mig) return NOT_FOUND;
  *device = handle * 100 + index;
  return OK;
}
API int nvmlDeviceGetGpuInstanceId(uintptr_t handle, unsigned *instance) {
  ENTER(handle);
  (void)b;
  *instance = (unsigned)(handle % 100) + 7;
  return OK;
}
API int nvmlDeviceGetAttributes_v2(uintptr_t handle, unsigned *attributes) {
  ENTER(handle);
  (void)b;
  memset(attributes, 0, 40);
  attributes[6] = handle % 100 == 0 ? 3 : 2;
  return OK;
}
API int nvmlDeviceSetGpuLockedClocks(uintptr_t handle, unsigned low, unsigned high) {
  ENTER(handle);
  if (low > high || low < CLOCK_LOW || high > CLOCK_HIGH) return INVALID;
  b->locks++;
  energy_of(b);
  b->lock = high;
  if (b->clamp_low && b->lock < b->clamp_low) b->lock = b->clamp_low;
  if (b->clamp_high && b->lock > b->clamp_high) b->lock = b->clamp_high;
  return OK;
}
API int nvmlDeviceResetGpuLockedClocks(uintptr_t handle) {
  ENTER(handle);
  b->resets++;
  energy_of(b);
  b->lock = 0;
  return OK;
}
API int nvmlDeviceSetApplicationsClocks(uintptr_t handle, unsigned memory, unsigned graphics) {
  ENTER(handle);
  if (memory != 2619 && memory != 1593) return FREQUENCY;
  b->applications = graphics;
  return OK;
}
API int nvmlDeviceResetApplicationsClocks(uintptr_t handle) {
  ENTER(handle);
  b->applications = 0;
  return OK;
}
API int nvmlDeviceSetMemoryLockedClocks(uintptr_t handle, unsigned low, unsigned high) {
  ENTER(handle);
  if (low != high || (high != 2619 && high != 1593)) return INVALID;
  b->memory_lock = high;
  return OK;
}
API int nvmlDeviceResetMemoryLockedClocks(uintptr_t handle) {
  ENTER(handle);
  b->memory_lock = 0;
  return OK;
}
API int nvmlDeviceGetPowerManagementLimitConstraints(uintptr_t handle, unsigned *low, unsigned *high) {
  ENTER(handle);
  (void)b;
  *low = 200000;
  *high = 700000;
  return OK;
}
API int nvmlDeviceGetPowerManagementDefaultLimit(uintptr_t handle, unsigned *limit) {
  ENTER(handle);
  (void)b;
  *limit = 700000;
  return OK;
}
API int nvmlDeviceSetPowerManagementLimit(uintptr_t handle, unsigned limit) {
  ENTER(handle);
  if (limit < 200000 || limit > 700000) return INVALID;
  b->limit_mw = limit;
  return OK;
}

static int64_t *field_of(Board *b, const char *name) {
#define FIELD(f) if (!strcmp(name, #f)) return &b->f
  FIELD(lost); FIELD(busy); FIELD(cap); FIELD(reasons); FIELD(clamp_low); FIELD(clamp_high); FIELD(slow_ms);
  FIELD(mig); FIELD(no_energy); FIELD(temperature); FIELD(lock); FIELD(applications); FIELD(memory_lock);
  FIELD(limit_mw); FIELD(energy_mj); FIELD(locks); FIELD(resets);
  return NULL;
}
API void stand_in_set(int board, const char *field, int64_t value) { *field_of(&state->boards[board], field) = value; }
API int64_t stand_in_get(int board, const char *field) { return *field_of(&state->boards[board], field); }
/* The call answers this code so many times; for ever if `times` is below zero, on every board if `board` is. */
API void stand_in_fail(const char *call, int board, int code, int times) {
  for (int i = 0; i < RULES; i++) {
    Rule *rule = &state->rules[i];
    if (rule->times) continue;
    *rule = (Rule){.board = board, .code = code, .times = times};
    strncpy(rule->call, call, sizeof(rule->call) - 1);
    return;
  }
  abort();
}
API void stand_in_process(int board, unsigned pid, unsigned instance) {
  Board *b = &state->boards[board];
  b->processes[b->process_count++] = (Process){pid, instance};
}
/* The driver is reloaded: the library must be opened again, locks and counters are gone. */
API void stand_in_reload(void) {
  state->open = 0;
  for (int i = 0; i < BOARDS; i++) {
    Board *b = &state->boards[i];
    b->lock = b->memory_lock = b->applications = b->energy_mj = 0;
    b->energy_at_ms = now_ms();
  }
}
