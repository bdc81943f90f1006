// SPDX-License-Identifier: Apache-2.0
//
// The headers and the library from C++17, as a C++ program would use them: memory in std::vector, objects that clear
// themselves, exceptions for errors.
#include <array>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <olm/olm.h>
#include <olm/pk.h>
#include <olm/sas.h>

#include "check.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

// An object in memory of its own. Moving it moves the vector, so that the object itself stays where it is.
template <typename T, std::size_t (*Size)(), T *(*Construct)(void *), std::size_t (*Clear)(T *), const char *(*LastError)(const T *)>
class Object {
public:
	Object() : memory(Size()), object(Construct(memory.data())) {}
	~Object() { if (!memory.empty()) Clear(object); }
	Object(Object &&) noexcept = default;
	Object &operator=(Object &&) = delete;
	Object(const Object &) = delete;

	operator T *() const { return object; }

	std::size_t operator()(std::size_t result) const
	{
		if (result == olm_error())
			throw std::runtime_error(LastError(object));
		return result;
	}

private:
	Bytes memory;
	T *object;
};

#define OBJECT(name, type, X) using name = Object<type, olm_##X##_size, olm_##X, olm_clear_##X, olm_##X##_last_error>
OBJECT(Account, OlmAccount, account);
OBJECT(Session, OlmSession, session);
OBJECT(Utility, OlmUtility, utility);
OBJECT(Inbound, OlmInboundGroupSession, inbound_group_session);
OBJECT(Outbound, OlmOutboundGroupSession, outbound_group_session);
OBJECT(Encryption, OlmPkEncryption, pk_encryption);
OBJECT(Decryption, OlmPkDecryption, pk_decryption);
OBJECT(Signing, OlmPkSigning, pk_signing);
OBJECT(SAS, OlmSAS, sas);

std::mt19937 engine(1);

// Random bytes for a test, and for nothing else.
Bytes random_bytes(std::size_t n)
{
	Bytes bytes(n);
	for (auto &b : bytes)
		b = static_cast<std::uint8_t>(engine());
	return bytes;
}

Account make_account(std::size_t keys)
{
	Account account;
	auto random = random_bytes(olm_create_account_random_length(account));
	account(olm_create_account(account, random.data(), random.size()));
	random = random_bytes(olm_account_generate_one_time_keys_random_length(account, keys));
	account(olm_account_generate_one_time_keys(account, keys, random.data(), random.size()));
	return account;
}

std::string identity_key(const Account &account)
{
	std::string json(olm_account_identity_keys_length(account), '\0');
	account(olm_account_identity_keys(account, json.data(), json.size()));
	return json.substr(15, 43);
}

std::string one_time_key(const Account &account)
{
	std::string json(olm_account_one_time_keys_length(account), '\0');
	account(olm_account_one_time_keys(account, json.data(), json.size()));
	return json.substr(25, 43);
}

struct Message {
	std::size_t type;
	std::string body;
};

Message encrypt(const Session &session, std::string_view plaintext)
{
	Message m{olm_encrypt_message_type(session), std::string(olm_encrypt_message_length(session, plaintext.size()), '\0')};
	auto random = random_bytes(olm_encrypt_random_length(session));
	session(olm_encrypt(session, plaintext.data(), plaintext.size(), random.data(), random.size(), m.body.data(), m.body.size()));
	return m;
}

std::string decrypt(const Session &session, const Message &m)
{
	std::string copy = m.body;
	std::string plaintext(session(olm_decrypt_max_plaintext_length(session, m.type, copy.data(), copy.size())), '\0');
	copy = m.body;
	plaintext.resize(session(olm_decrypt(session, m.type, copy.data(), copy.size(), plaintext.data(), plaintext.size())));
	return plaintext;
}

template <typename F> std::string error_of(F f)
{
	try {
		f();
	} catch (const std::runtime_error &e) {
		return e.what();
	}
	return "";
}

void sessions()
{
	Account alice = make_account(0), bob = make_account(1);
	Session a, b;
	const auto identity = identity_key(bob), one_time = one_time_key(bob);
	auto random = random_bytes(olm_create_outbound_session_random_length(a));
	a(olm_create_outbound_session(a, alice, identity.data(), identity.size(), one_time.data(), one_time.size(),
		random.data(), random.size()));
	CHECK(random == Bytes(64));
	auto m = encrypt(a, "hello");
	CHECK(m.type == OLM_MESSAGE_TYPE_PRE_KEY);
	std::string copy = m.body;
	b(olm_create_inbound_session(b, bob, copy.data(), copy.size()));
	b(olm_remove_one_time_keys(bob, b));
	CHECK(decrypt(b, m) == "hello");
	CHECK(error_of([&] { decrypt(b, m); }) == "BAD_MESSAGE_MAC");
	m = encrypt(b, "");
	CHECK(m.type == OLM_MESSAGE_TYPE_MESSAGE);
	CHECK(decrypt(a, m).empty());
	const std::string text(100000, 'x');
	CHECK(decrypt(b, encrypt(a, text)) == text);

	// Objects in containers that grow.
	std::vector<Session> sessions;
	sessions.push_back(std::move(a));
	for (int i = 0; i < 10; i++)
		sessions.emplace_back();
	CHECK(decrypt(b, encrypt(sessions[0], "moved")) == "moved");
}

void groups()
{
	Outbound sender;
	Inbound receiver;
	auto random = random_bytes(olm_init_outbound_group_session_random_length(sender));
	sender(olm_init_outbound_group_session(sender, random.data(), random.size()));
	Bytes key(olm_outbound_group_session_key_length(sender));
	sender(olm_outbound_group_session_key(sender, key.data(), key.size()));
	receiver(olm_init_inbound_group_session(receiver, key.data(), key.size()));
	const Bytes text{'t', 'o', ' ', 'a', 'l', 'l'};
	Bytes message(olm_group_encrypt_message_length(sender, text.size()));
	sender(olm_group_encrypt(sender, text.data(), text.size(), message.data(), message.size()));
	Bytes copy = message, plaintext(receiver(olm_group_decrypt_max_plaintext_length(receiver, copy.data(), copy.size())));
	copy = message;
	std::uint32_t index = 1;
	plaintext.resize(receiver(olm_group_decrypt(receiver, copy.data(), copy.size(), plaintext.data(), plaintext.size(), &index)));
	CHECK(plaintext == text && index == 0);
	message.pop_back();
	CHECK(!error_of([&] { receiver(olm_group_decrypt_max_plaintext_length(receiver, message.data(), 1)); }).empty());
	CHECK(error_of([&] { receiver(olm_init_inbound_group_session(receiver, key.data(), 4)); }) == "BAD_SESSION_KEY");
}

void others()
{
	Encryption encryption;
	Decryption decryption;
	auto random = random_bytes(32);
	std::string key(olm_pk_key_length(), '\0'), mac(olm_pk_mac_length(encryption), '\0'), ephemeral(olm_pk_key_length(), '\0');
	decryption(olm_pk_key_from_private(decryption, key.data(), key.size(), random.data(), random.size()));
	encryption(olm_pk_encryption_set_recipient_key(encryption, key.data(), key.size()));
	std::string text = "backup", ciphertext(olm_pk_ciphertext_length(encryption, text.size()), '\0');
	random = random_bytes(32);
	encryption(olm_pk_encrypt(encryption, text.data(), text.size(), ciphertext.data(), ciphertext.size(), mac.data(), mac.size(),
		ephemeral.data(), ephemeral.size(), random.data(), random.size()));
	std::string plaintext(olm_pk_max_plaintext_length(decryption, ciphertext.size()), '\0');
	plaintext.resize(decryption(olm_pk_decrypt(decryption, ephemeral.data(), ephemeral.size(), mac.data(), mac.size(),
		ciphertext.data(), ciphertext.size(), plaintext.data(), plaintext.size())));
	CHECK(plaintext == text);

	Signing signing;
	Utility utility;
	std::string public_key(olm_pk_signing_public_key_length(), '\0');
	Bytes signature(olm_pk_signature_length());
	signing(olm_pk_signing_key_from_seed(signing, public_key.data(), public_key.size(), random.data(), random.size()));
	signing(olm_pk_sign(signing, reinterpret_cast<const std::uint8_t *>(text.data()), text.size(), signature.data(), signature.size()));
	utility(olm_ed25519_verify(utility, public_key.data(), public_key.size(), text.data(), text.size(), signature.data(), signature.size()));
	CHECK(error_of([&] { utility(olm_sha256(utility, "", 0, nullptr, 0)); }) == "OUTPUT_BUFFER_TOO_SMALL");

	SAS a, b;
	for (SAS *sas : {&a, &b}) {
		random = random_bytes(olm_create_sas_random_length(*sas));
		(*sas)(olm_create_sas(*sas, random.data(), random.size()));
	}
	CHECK(error_of([&] { std::array<char, 6> out; a(olm_sas_generate_bytes(a, "i", 1, out.data(), out.size())); }) == "OLM_SAS_THEIR_KEY_NOT_SET");
	a(olm_sas_get_pubkey(a, key.data(), key.size()));
	b(olm_sas_set_their_key(b, key.data(), key.size()));
	b(olm_sas_get_pubkey(b, key.data(), key.size()));
	a(olm_sas_set_their_key(a, key.data(), key.size()));
	std::array<std::uint8_t, 6> emoji_a{}, emoji_b{};
	a(olm_sas_generate_bytes(a, "emoji", 5, emoji_a.data(), emoji_a.size()));
	b(olm_sas_generate_bytes(b, "emoji", 5, emoji_b.data(), emoji_b.size()));
	CHECK(emoji_a == emoji_b);
}

} // namespace

int main()
{
	try {
		sessions();
		groups();
		others();
	} catch (const std::exception &e) {
		check_one(0, __FILE__, __LINE__, "unexpected error: %s", e.what());
	}
	return finish("cxx");
}
