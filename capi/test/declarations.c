/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Compiled, never run: with our headers and with libolm's. gcc -aux-info then lists what each declares, in one spelling,
 * and run.sh compares the lists. The types below are those that programs spell out.
 */
#include <olm/error.h>
#include <olm/inbound_group_session.h>
#include <olm/olm.h>
#include <olm/outbound_group_session.h>
#include <olm/pk.h>
#include <olm/sas.h>

/* Each header by itself twice: they are guarded. */
#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>

typedef char messages_are_size_t[sizeof OLM_MESSAGE_TYPE_MESSAGE == sizeof(size_t) ? 1 : -1];

void names(struct OlmAccount *, struct OlmSession *, struct OlmUtility *, struct OlmInboundGroupSession *,
	struct OlmOutboundGroupSession *, struct OlmPkEncryption *, struct OlmPkDecryption *, struct OlmPkSigning *, struct OlmSAS *);
void short_names(OlmAccount *a, OlmSession *b, OlmUtility *c, OlmInboundGroupSession *d, OlmOutboundGroupSession *e,
	OlmPkEncryption *f, OlmPkDecryption *g, OlmPkSigning *h, OlmSAS *i);

void short_names(OlmAccount *a, OlmSession *b, OlmUtility *c, OlmInboundGroupSession *d, OlmOutboundGroupSession *e,
	OlmPkEncryption *f, OlmPkDecryption *g, OlmPkSigning *h, OlmSAS *i)
{
	names(a, b, c, d, e, f, g, h, i);
}
