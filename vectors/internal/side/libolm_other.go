package side

import (
	"io"

	"github.com/karst-im/karst/internal/cabi"
	"github.com/karst-im/karst/vectors"
)

func (libolm) EncryptPK(recipient string, plaintext []byte, random io.Reader) (m vectors.PKMessage, err error) {
	e := construct[cabi.PKEncryption]()
	if _, err := e.check(e.at().SetRecipientKey([]byte(recipient))); err != nil {
		return m, err
	}
	ciphertext, mac := make([]byte, cabi.PKCiphertextLen(uint(len(plaintext)))), make([]byte, cabi.PKMACLen)
	ephemeral := make([]byte, cabi.PKKeyLen)
	if _, err := e.check(e.at().Encrypt(plaintext, ciphertext, mac, ephemeral, draw(random, cabi.PKRandomLen))); err != nil {
		return m, err
	}
	return vectors.PKMessage{Ciphertext: string(ciphertext), MAC: string(mac), Ephemeral: string(ephemeral)}, nil
}

type libolmPKDecryption struct {
	object[cabi.PKDecryption]
	public string
}

func pkDecryption(start func(d *cabi.PKDecryption, public []byte) uint) (PKDecryption, error) {
	d := libolmPKDecryption{object: construct[cabi.PKDecryption]()}
	public := make([]byte, cabi.PKKeyLen)
	if _, err := d.check(start(d.at(), public)); err != nil {
		return nil, err
	}
	d.public = string(public)
	return d, nil
}

func (libolm) NewPKDecryption(private []byte) (PKDecryption, error) {
	return pkDecryption(func(d *cabi.PKDecryption, public []byte) uint { return d.KeyFromPrivate(public, private) })
}

func (libolm) UnpicklePKDecryption(key []byte, pickled string) (PKDecryption, error) {
	return pkDecryption(func(d *cabi.PKDecryption, public []byte) uint { return d.Unpickle(key, []byte(pickled), public) })
}

func (d libolmPKDecryption) Pickle(key []byte) string {
	return must(d.write(cabi.PKPickleLen(), func(out []byte) uint { return d.at().Pickle(key, out) }))
}

func (d libolmPKDecryption) PublicKey() string { return d.public }

func (d libolmPKDecryption) Decrypt(m vectors.PKMessage) ([]byte, error) {
	room := cabi.PKMaxPlaintextLen(uint(len(m.Ciphertext)))
	if room == cabi.Error { // which sets no reason: Decrypt has one, whatever the buffer
		room = uint(len(m.Ciphertext))
	}
	out := make([]byte, room)
	n, err := d.check(d.at().Decrypt([]byte(m.Ephemeral), []byte(m.MAC), []byte(m.Ciphertext), out))
	if err != nil {
		return nil, err
	}
	return out[:n], nil
}

type libolmPKSigning struct {
	object[cabi.PKSigning]
	public string
}

func (libolm) NewPKSigning(seed []byte) (PKSigning, error) {
	s := libolmPKSigning{object: construct[cabi.PKSigning]()}
	public := make([]byte, cabi.PKSigningPublicKeyLen)
	if _, err := s.check(s.at().KeyFromSeed(public, seed)); err != nil {
		return nil, err
	}
	s.public = string(public)
	return s, nil
}

func (s libolmPKSigning) PublicKey() string { return s.public }

func (s libolmPKSigning) Sign(message []byte) string {
	return must(s.write(cabi.PKSignatureLen, func(out []byte) uint { return s.at().Sign(message, out) }))
}

type libolmSAS struct{ object[cabi.SAS] }

func (libolm) NewSAS(random io.Reader) SAS {
	s := libolmSAS{construct[cabi.SAS]()}
	must(s.check(s.at().Create(draw(random, cabi.SASRandomLen))))
	return s
}

// fill is write for functions that return 0 and fill the buffer.
func (s libolmSAS) fill(n uint, f func(out []byte) uint) ([]byte, error) {
	out := make([]byte, n)
	if _, err := s.check(f(out)); err != nil {
		return nil, err
	}
	return out, nil
}

func (s libolmSAS) PublicKey() string { return string(must(s.fill(cabi.SASKeyLen, s.at().PublicKey))) }

func (s libolmSAS) SetTheirKey(key string) error {
	_, err := s.check(s.at().SetTheirKey([]byte(key)))
	return err
}

func (s libolmSAS) Bytes(info []byte, n int) ([]byte, error) {
	return s.fill(uint(n), func(out []byte) uint { return s.at().GenerateBytes(info, out) })
}

func (s libolmSAS) MAC(op string, input, info []byte) (string, error) {
	method, ok := map[string]cabi.MACMethod{
		"mac": cabi.MAC, "mac_fixed_base64": cabi.MACFixedBase64, "mac_long_kdf": cabi.MACLongKDF,
	}[op]
	if !ok {
		panic("side: no MAC is called " + op)
	}
	mac, err := s.fill(cabi.SASMACLen, func(out []byte) uint { return s.at().CalculateMAC(method, input, info, out) })
	return string(mac), err
}

func (libolm) Verify(publicKey string, message []byte, signature string) error {
	u := construct[cabi.Utility]()
	_, err := u.check(u.at().Verify([]byte(publicKey), message, []byte(signature)))
	return err
}
