// Digest access authentication as SIP uses it (RFC 7616, RFC 8760, RFC 3261 s.22): challenge, credentials, response.
// Pure; who may know a secret and which nonces are good is the caller's business.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "headers.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::sip {

enum class digest_algorithm { md5, sha256 };  // the weaker first

// "MD5" and "SHA-256" in any case; everything else (also "-sess") is not spoken here: errc::malformed.
[[nodiscard]] core::result<digest_algorithm> parse_digest_algorithm(std::string_view text);
[[nodiscard]] std::string_view name_of(digest_algorithm a) noexcept;
// H(text) as lower-case hex.
[[nodiscard]] std::string digest_hash(digest_algorithm a, std::string_view text);

struct digest_challenge {
  std::string realm;
  std::string nonce;
  std::string opaque;
  digest_algorithm algorithm = digest_algorithm::md5;
  bool stale = false;

  // The value of one WWW-Authenticate or Proxy-Authenticate header; qop is always "auth".
  [[nodiscard]] std::string text() const;
};

// What a phone sent in Authorization or Proxy-Authorization. Quotes are taken off; the username's and realm's quoted
// pairs are resolved, the others' are kept, since the phone hashed them as they stood.
struct digest_credentials {
  std::string username;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string response;
  std::string cnonce;
  std::string qop;  // empty: RFC 2069's form
  std::string opaque;
  std::string algorithm = "MD5";  // RFC 7616 s.3.3: absent means MD5
  std::string nc;                 // as sent, since it is hashed as sent

  // errc::malformed: not Digest, a needed parameter is missing, or one is there twice. RFC 7616 s.3.4: unknown
  // parameters are ignored.
  [[nodiscard]] static core::result<digest_credentials> from(const credentials& c);
  // nc as a number; 1 where there is no qop (such a nonce serves once); 0: not a count.
  [[nodiscard]] std::uint32_t count() const;
};

// The response that the holder of `ha1` (hex) gives. errc::malformed for a qop other than auth and none.
[[nodiscard]] core::result<std::string> digest_response(const digest_credentials& c, digest_algorithm a, std::string_view ha1,
                                                        std::string_view method);

// True if `response` in `c` is the one of `ha1`; takes the same time for every wrong one.
[[nodiscard]] bool digest_matches(const digest_credentials& c, digest_algorithm a, std::string_view ha1, std::string_view method);

// RFC 3261 s.22.4 (5): the digest URI need not equal the Request-URI's text. Accepted: the same user, host and port as
// the Request-URI; or a host that is ours (`own_hosts`: domains and addresses as canonical_host writes them), since many phones put the
// server's address or the bare domain there, with or without "sip:", some with it twice.
[[nodiscard]] bool digest_uri_acceptable(std::string_view digest_uri, std::string_view request_uri, std::span<const std::string> own_hosts);

}  // namespace phyllo::sip
