package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is where a run took place, as far as Linux tells.
type Machine struct {
	CPU        string   `json:"cpu"`
	Flags      []string `json:"flags"`
	Cores      int      `json:"cores"`
	MemoryMB   int      `json:"memory_mb"`
	System     string   `json:"system"`
	LoadBefore string   `json:"load_before"`
	LoadAfter  string   `json:"load_after"`
}

func thisMachine() Machine {
	cpu := colons(read("/proc/cpuinfo"))
	kilobytes, _ := strconv.Atoi(strings.TrimSuffix(colons(read("/proc/meminfo"))["MemTotal"], " kB"))
	flags := cpu["flags"]
	if flags == "" {
		flags = cpu["Features"] // on arm64
	}
	return Machine{
		CPU:        cpu["model name"],
		Flags:      strings.Fields(flags),
		Cores:      runtime.NumCPU(),
		MemoryMB:   kilobytes / 1024,
		System:     strings.TrimSpace(runtime.GOOS + " " + read("/proc/sys/kernel/osrelease")),
		LoadBefore: load(),
	}
}

// load returns the averages over 1, 5 and 15 minutes.
func load() string {
	fields := strings.Fields(read("/proc/loadavg"))
	return strings.Join(fields[:min(3, len(fields))], " ")
}

// read returns a file, or nothing where there is none.
func read(name string) string {
	text, _ := os.ReadFile(name)
	return strings.TrimSpace(string(text))
}

// colons returns the first value of each key.
func colons(text string) map[string]string {
	values := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(line, ":")
		key = strings.TrimSpace(key)
		if _, seen := values[key]; !seen {
			values[key] = strings.TrimSpace(value)
		}
	}
	return values
}

// telling are the flags that the speed of cryptography depends on.
var telling = []string{"aes", "vaes", "pclmulqdq", "sha_ni", "bmi2", "adx", "avx2", "avx512f", "avx512ifma", "sha2", "pmull", "asimd", "hypervisor"}
