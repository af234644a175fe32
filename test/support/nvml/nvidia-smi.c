/* A stand-in for the program nvidia-smi on the boards of stand-in.c, which live in the file beside it. */
/* A coarse grid: a process is started for every question. */
#define CLOCK_STEP 210
#include "stand-in.c"

static const char *reason(int code) {
  switch (code) {
    case NOT_SUPPORTED: return "not supported for GPU";
    case 4: return "Insufficient Permissions";
    case LOST: return "GPU is lost. Reboot the system to recover this GPU";
    default: return "Unknown Error";
  }
}

/* As the real one: a warning and status 0 where the board can't, an error and a status otherwise. */
static void check(int code) {
  if (code == OK) return;
  printf("Unable to proceed: %s\n", reason(code));
  if (code == NOT_SUPPORTED) puts("Treating as warning and moving on.");
  exit(code == NOT_SUPPORTED ? 0 : code);
}

static void query_field(uintptr_t handle, const char *field) {
  unsigned value, rates[2];
  unsigned long long reasons;
  char text[96];
  int code = 0;
  if (!strcmp(field, "uuid")) nvmlDeviceGetUUID(handle, text, sizeof text), printf("%s", text);
  else if (!strcmp(field, "name")) nvmlDeviceGetName(handle, text, sizeof text), printf("%s", text);
  else if (!strcmp(field, "clocks.sm")) {
    code = nvmlDeviceGetClockInfo(handle, 1, &value);
    if (!code) printf("%u", value);
  } else if (!strcmp(field, "power.draw")) {
    code = nvmlDeviceGetPowerUsage(handle, &value);
    if (!code) printf("%.2f", value / 1000.0);
  } else if (!strcmp(field, "utilization.gpu")) {
    code = nvmlDeviceGetUtilizationRates(handle, rates);
    if (!code) printf("%u", rates[0]);
  } else if (!strcmp(field, "temperature.gpu")) {
    code = nvmlDeviceGetTemperature(handle, 0, &value);
    if (!code) printf("%u", value);
  } else if (!strcmp(field, "clocks_throttle_reasons.active")) {
    code = nvmlDeviceGetCurrentClocksEventReasons(handle, &reasons);
    if (!code) printf("0x%016llx", reasons);
  } else if (!strcmp(field, "power.min_limit")) printf("200.00");
  else if (!strcmp(field, "power.max_limit") || !strcmp(field, "power.default_limit")) printf("700.00");
  else if (!strcmp(field, "clocks.default_applications.graphics")) printf("[N/A]");
  else {
    printf("Field \"%s\" is not a valid field to query.\n", field);
    exit(2);
  }
  if (code == LOST) check(code);
  if (code) printf("[N/A]");
}

static void query(uintptr_t handle, const char *list) {
  char fields[512];
  snprintf(fields, sizeof fields, "%s", list);
  int first = 1;
  for (char *field = strtok(fields, ","); field; field = strtok(NULL, ",")) {
    if (!first) printf(", ");
    first = 0;
    query_field(handle, field);
  }
  putchar('\n');
}

static void query_processes(uintptr_t handle) {
  unsigned count = PROCESSES;
  ProcessInfo infos[PROCESSES];
  if (nvmlDeviceGetComputeRunningProcesses_v3(handle, &count, infos)) return;
  for (unsigned i = 0; i < count; i++) printf("GPU-stand-in-%d, %u\n", (int)handle - 1, infos[i].pid);
}

static void query_clocks(uintptr_t handle) {
  unsigned memory[2], clocks[512], kinds = 2;
  check(nvmlDeviceGetSupportedMemoryClocks(handle, &kinds, memory));
  for (unsigned m = 0; m < kinds; m++) {
    unsigned count = 512;
    check(nvmlDeviceGetSupportedGraphicsClocks(handle, memory[m], &count, clocks));
    for (unsigned i = 0; i < count; i++) printf("%u, %u\n", clocks[i], memory[m]);
  }
}

static const char *after(const char *argument, const char *prefix) {
  size_t length = strlen(prefix);
  return strncmp(argument, prefix, length) ? NULL : argument + length;
}

int main(int count, char **arguments) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 16);
  strcpy(path + length, ".state");
  stand_in_open(path);
  nvmlInit_v2();
  uintptr_t from = 1, to = BOARDS;
  for (int i = 1; i < count; i++) {
    const char *list;
    unsigned low, high;
    if (!strcmp(arguments[i], "-i")) {
      int index;
      if (sscanf(arguments[++i], "GPU-stand-in-%d", &index) != 1 || index >= BOARDS) {
        puts("No devices were found");
        return 6;
      }
      from = to = (uintptr_t)index + 1;
    } else if ((list = after(arguments[i], "--query-gpu="))) {
      for (uintptr_t h = from; h <= to; h++) query(h, list);
    } else if (after(arguments[i], "--query-compute-apps=")) {
      for (uintptr_t h = from; h <= to; h++) query_processes(h);
    } else if (after(arguments[i], "--query-supported-clocks=")) {
      query_clocks(from);
    } else if (!strcmp(arguments[i], "-lgc") && sscanf(arguments[++i], "%u,%u", &low, &high) == 2) {
      check(nvmlDeviceSetGpuLockedClocks(from, low, high));
    } else if (!strcmp(arguments[i], "-rgc")) {
      check(nvmlDeviceResetGpuLockedClocks(from));
    } else if (!strcmp(arguments[i], "-lmc") && sscanf(arguments[++i], "%u,%u", &low, &high) == 2) {
      check(nvmlDeviceSetMemoryLockedClocks(from, low, high));
    } else if (!strcmp(arguments[i], "-rmc")) {
      check(nvmlDeviceResetMemoryLockedClocks(from));
    } else if (!strcmp(arguments[i], "-pl")) {
      check(nvmlDeviceSetPowerManagementLimit(from, (unsigned)(atof(arguments[++i]) * 1000)));
    }
  }
  return 0;
}
