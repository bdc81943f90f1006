/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * sandbox LIBRARY: loads and uses the library where the system ends a process that asks it for more than it was allowed to.
 * Loading may do what the loader does for any library; afterwards nothing is allowed but to write and to end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <olm/inbound_group_session.h>
#include <olm/olm.h>
#include <olm/outbound_group_session.h>

#include "check.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "which architecture?"
#endif

/* what glibc's loader calls to map a library */
static const int loading[] = {
	SYS_openat, SYS_read, SYS_pread64, SYS_newfstatat, SYS_fstat, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_close, SYS_brk,
	SYS_getcwd, SYS_seccomp,
};

static const int always[] = {SYS_write, SYS_exit_group};

static struct sock_filter program[4 + sizeof loading / sizeof *loading + sizeof always / sizeof *always + 2];

static unsigned short list(unsigned short n, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 0);
	return n;
}

/* allow lets the process call what is in the lists; anything else kills it. */
static void allow(int with_loading)
{
	unsigned short n = 0, first;

	program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	first = n;
	n = list(n, always, sizeof always / sizeof *always);
	if (with_loading)
		n = list(n, loading, sizeof loading / sizeof *loading);
	for (unsigned short i = first; i < n; i++)
		program[i].jt = n - i; /* over the rest of the list, and over the instruction that kills */
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	NEED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &(struct sock_fprog){n, program}) == 0);
}

/* Memory that is there before the system is out of reach. */
static unsigned char memory[4][65536], random_bytes[8192], text[4096], message[4096], plaintext[4096];

#define FIND(name) __typeof__(&name) its_##name = (__typeof__(&name))dlsym(handle, #name); NEED(its_##name != NULL)

/* use encrypts and decrypts, with AES and base64 in vector registers. */
static void use(void *handle)
{
	FIND(olm_error);
	FIND(olm_account);
	FIND(olm_create_account);
	FIND(olm_account_sign);
	FIND(olm_outbound_group_session);
	FIND(olm_init_outbound_group_session);
	FIND(olm_outbound_group_session_key);
	FIND(olm_outbound_group_session_key_length);
	FIND(olm_group_encrypt);
	FIND(olm_group_encrypt_message_length);
	FIND(olm_inbound_group_session);
	FIND(olm_init_inbound_group_session);
	FIND(olm_group_decrypt);
	OlmAccount *account;
	OlmOutboundGroupSession *out;
	OlmInboundGroupSession *in;
	size_t n;
	uint32_t index = 1;

	allow(0);
	account = its_olm_account(memory[0]);
	NEED(its_olm_create_account(account, random_bytes, 64) != its_olm_error());
	CHECK(its_olm_account_sign(account, "abc", 3, text, sizeof text) != its_olm_error());
	out = its_olm_outbound_group_session(memory[1]);
	NEED(its_olm_init_outbound_group_session(out, random_bytes + 64, 160) != its_olm_error());
	n = its_olm_outbound_group_session_key_length(out);
	NEED(its_olm_outbound_group_session_key(out, text, n) != its_olm_error());
	in = its_olm_inbound_group_session(memory[2]);
	NEED(its_olm_init_inbound_group_session(in, text, n) != its_olm_error());
	n = its_olm_group_encrypt_message_length(out, 100);
	NEED(its_olm_group_encrypt(out, random_bytes + 1000, 100, message, n) == n);
	n = its_olm_group_decrypt(in, message, n, plaintext, sizeof plaintext, &index);
	EQ(n, 100);
	SAME(plaintext, random_bytes + 1000, 100);
	EQ(index, 0);
}

/* child runs what in a process of its own, and returns how that ended. */
static int child(void (*what)(const char *), const char *library)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		what(library);
		fflush(stdout);
		_exit(checks_failed != 0);
	}
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

static void load_and_use(const char *library)
{
	void *handle;

	allow(1);
	handle = dlopen(library, RTLD_NOW);
	NEED(handle != NULL);
	use(handle);
	fflush(stdout);
	_exit(checks_failed != 0);
}

/* A control: the filter kills. */
static void ask(const char *library)
{
	(void)library;
	allow(1);
	syscall(SYS_getrandom, text, 8, 0);
}

int main(int argc, char **argv)
{
	void *volatile first;
	int status;

	NEED(argc == 2);
	first = malloc(1); /* glibc's first asks for random bytes */
	free(first);
	for (size_t i = 0; i < sizeof random_bytes; i++)
		random_bytes[i] = (unsigned char)(i * 167 + (i >> 8));
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	status = child(ask, argv[1]);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	status = child(load_and_use, argv[1]);
	check_one(WIFEXITED(status) && WEXITSTATUS(status) == 0, __FILE__, __LINE__, "loaded or used in a sandbox, the process ended with status %#x", status);
	return finish("sandbox");
}
