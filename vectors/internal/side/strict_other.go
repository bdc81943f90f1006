package side

import (
	"errors"
	"io"

	"github.com/karst-im/karst/keys"
	"github.com/karst-im/karst/pk"
	"github.com/karst-im/karst/sas"
	"github.com/karst-im/karst/vectors"
)

func (strict) EncryptPK(recipient string, plaintext []byte, random io.Reader) (vectors.PKMessage, error) {
	key, err := keys.ParseCurve25519(recipient)
	if err != nil {
		return vectors.PKMessage{}, asText(err)
	}
	var m pk.Message
	if Drawing(random, func() { m, err = pk.NewEncryption(key).Encrypt(plaintext) }); err != nil {
		return vectors.PKMessage{}, err
	}
	return vectors.PKMessage{Ciphertext: m.Ciphertext.String(), MAC: m.MAC.String(), Ephemeral: m.Ephemeral.String()}, nil
}

type strictPKDecryption struct{ d *pk.Decryption }

func (strict) NewPKDecryption(private []byte) (PKDecryption, error) {
	d, err := pk.DecryptionFromKey(private)
	if err != nil {
		return nil, err
	}
	return strictPKDecryption{d}, nil
}

func (strict) UnpicklePKDecryption(key []byte, pickled string) (PKDecryption, error) {
	d, err := pk.UnpickleDecryption(key, []byte(pickled))
	if err == nil {
		err = d.Check()
	}
	if err != nil {
		return nil, err
	}
	return strictPKDecryption{d}, nil
}

func (d strictPKDecryption) Pickle(key []byte) string { return string(must(d.d.Pickle(key))) }
func (d strictPKDecryption) Free()                    { d.d.Wipe() }
func (d strictPKDecryption) PublicKey() string        { return d.d.PublicKey().String() }

func (d strictPKDecryption) Decrypt(parts vectors.PKMessage) ([]byte, error) {
	var m pk.Message
	if err := errors.Join(
		asText(m.Ciphertext.UnmarshalText([]byte(parts.Ciphertext))),
		asText(m.MAC.UnmarshalText([]byte(parts.MAC))),
		asText(m.Ephemeral.UnmarshalText([]byte(parts.Ephemeral)))); err != nil {
		return nil, err
	}
	return d.d.Decrypt(m)
}

type strictPKSigning struct{ s *pk.Signing }

func (strict) NewPKSigning(seed []byte) (PKSigning, error) {
	s, err := pk.NewSigning(seed)
	if err != nil {
		return nil, err
	}
	return strictPKSigning{s}, nil
}

func (s strictPKSigning) PublicKey() string          { return s.s.PublicKey().String() }
func (s strictPKSigning) Sign(message []byte) string { return must(s.s.Sign(message)).String() }

type strictSAS struct {
	s *sas.SAS
	e *sas.Established
}

func (strict) NewSAS(random io.Reader) SAS {
	s := new(strictSAS)
	Drawing(random, func() { s.s = sas.New() })
	return s
}

func (s *strictSAS) PublicKey() string {
	if s.e != nil {
		return s.e.PublicKey().String()
	}
	return s.s.PublicKey().String()
}

func (s *strictSAS) SetTheirKey(key string) error {
	theirs, err := keys.ParseCurve25519(key)
	if err != nil {
		return asText(err)
	}
	s.e, err = s.s.Establish(theirs)
	return err
}

// Established returns what SetTheirKey has led to, which can verify MACs too.
func (s *strictSAS) Established() *sas.Established { return s.e }

func (s *strictSAS) Bytes(info []byte, n int) ([]byte, error) { return s.e.RawBytes(string(info), n) }

func (s *strictSAS) MAC(op string, input, info []byte) (string, error) {
	switch op {
	case "mac":
		return s.e.LegacyMAC(string(input), string(info))
	case "mac_fixed_base64":
		m, err := s.e.MAC(string(input), string(info))
		return m.String(), err
	case "mac_long_kdf":
		return s.e.LongKDFMAC(string(input), string(info))
	}
	panic("side: no MAC is called " + op)
}

// ErrVerify stands for false.
var ErrVerify = errors.New("signature does not verify")

func (strict) Verify(publicKey string, message []byte, signature string) error {
	k, err := keys.ParseEd25519(publicKey)
	if err != nil {
		return asText(err)
	}
	sig, err := keys.ParseSignature(signature)
	if err != nil {
		return asText(err)
	}
	if !k.Verify(message, sig) {
		return ErrVerify
	}
	return nil
}
