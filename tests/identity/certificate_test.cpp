#include "phyllo/identity/certificate.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace certificate_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

// What from_der says of a certificate forged with `names` and, maybe, more.
core::result<certificate> with_names(const std::vector<general_name>& names, bool critical = true) {
  const auto key = private_key::generate();
  return certificate::from_der(forged(key.native(), [&](X509* x) { add_san(x, names, critical); }));
}

core::result<certificate> with(const std::function<void(X509*)>& change) {
  const auto key = private_key::generate();
  return certificate::from_der(forged(key.native(), [&](X509* x) {
    add_san(x, {{6, uri_of(1)}, {1, "alice@example.com"}});
    change(x);
  }));
}

std::string detail(const core::result<certificate>& c) {
  REQUIRE_FALSE(c);
  CHECK(c.error() == errc::malformed_certificate);
  return c.error().detail();
}

const std::string two_names = "subjectAltName holds other than one URI and one rfc822Name";

}  // namespace

TEST_CASE("the end of a certificate that never ends, or ended long ago, is one that the clock can count") {
  const auto never = with([](X509* x) { REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1); });
  REQUIRE(never);
  CHECK(never->not_after() == core::wall_time::max());
  const auto old = with([](X509* x) { REQUIRE(ASN1_TIME_set_string(X509_getm_notBefore(x), "00010101000000Z") == 1); });
  REQUIRE(old);
  CHECK(old->not_before() == core::wall_time::min());
}

TEST_CASE("an issued certificate says what was asked for") {
  const auto ca = authority::create("login.example.com", today);
  const auto c = credential_for(ca, request_for(9, "alice@example.com", {"example.com", "example.org"})).certificate;
  CHECK(c.node() == numbered(9));
  CHECK(c.user() == "alice@example.com");
  CHECK(c.overlay() == overlay_name);
  CHECK(c.domains() == std::vector<std::string>{"example.com", "example.org"});
  CHECK(c.not_before() == today - std::chrono::hours(1));
  CHECK(c.not_after() == today + std::chrono::hours(24 * 7));
  CHECK(c.fingerprint() == sha256(c.der()));
}

TEST_CASE("a certificate survives DER and PEM") {
  const auto ca = authority::create("login.example.com", today);
  const auto c = credential_for(ca, 1, "alice@example.com").certificate;
  CHECK(certificate::from_der(c.der()).value() == c);
  CHECK(certificate::from_pem(c.pem()).value() == c);
  CHECK(core::equal(certificate::from_pem(c.pem())->der(), c.der()));
  CHECK(c.der().size() < 450);
}

TEST_CASE("authority for a domain is asked in any case and covers no subdomain") {
  const auto ca = authority::create("login.example.com", today);
  const auto c = credential_for(ca, request_for(1, "node1@example.com", {"example.com"})).certificate;
  CHECK(c.has_authority("example.com"));
  CHECK(c.has_authority("Example.COM"));
  CHECK_FALSE(c.has_authority("sub.example.com"));
  CHECK_FALSE(c.has_authority("ample.com"));
  CHECK_FALSE(c.has_authority(""));
  CHECK_FALSE(credential_for(ca, 2, "bob@example.com").certificate.has_authority("example.com"));
}

TEST_CASE("domain authority has exactly the DER that its definition gives") {
  const auto ca = authority::create("login.example.com", today);
  const auto c = credential_for(ca, request_for(1, "node1@example.com", {"example.com"})).certificate;
  // Extension { certificatePolicies, OCTET STRING { SEQUENCE { SEQUENCE { policy, SEQUENCE { SEQUENCE { id-qt-cps, URI } } } } } }, not
  // critical
  const auto expected = *core::from_hex(
      "30400603551d20"
      "0439"
      "30373035"
      "06146981f89f96d98bb0f2aa9d9d9dcfedf1f8b1b411"
      "301d301b"
      "06082b06010505070201"
      "160f7369703a6578616d706c652e636f6d");
  CHECK(std::string(core::as_text(c.der())).find(core::as_text(expected)) != std::string::npos);
}

TEST_CASE("garbage, an empty string, a truncated and a prolonged certificate are malformed") {
  const auto ca = authority::create("login.example.com", today);
  const auto c = credential_for(ca, 1, "alice@example.com").certificate;
  CHECK(detail(certificate::from_der({})) == "not one X.509 certificate in DER");
  CHECK(detail(certificate::from_der(core::as_bytes("noise"))) == "not one X.509 certificate in DER");
  CHECK(detail(certificate::from_der(c.der().first(c.der().size() - 1))) == "not one X.509 certificate in DER");
  auto longer = core::to_bytes(c.der());
  longer.push_back(0);
  CHECK(detail(certificate::from_der(longer)) == "not one X.509 certificate in DER");
  CHECK(detail(certificate::from_der(core::bytes(8193))) == "longer than 8192 bytes");
  CHECK(detail(certificate::from_pem("-----BEGIN CERTIFICATE-----")) == "no certificate in PEM");
}

TEST_CASE("one URI and one mail name in either order are accepted") {
  CHECK(with_names({{6, uri_of(1)}, {1, "alice@example.com"}}));
  CHECK(with_names({{1, "alice@example.com"}, {6, uri_of(1)}}));
}

TEST_CASE("every extra or missing subjectAltName is refused") {
  const general_name uri{6, uri_of(1)};
  const general_name user{1, "alice@example.com"};
  CHECK(detail(with_names({uri, user, {6, uri_of(2)}})) == two_names);
  CHECK(detail(with_names({uri, user, {1, "bob@example.com"}})) == two_names);
  CHECK(detail(with_names({uri, user, {2, "example.com"}})) == two_names);
  CHECK(detail(with_names({uri, user, {7, "\x7f\x00\x00\x01"}})) == two_names);
  CHECK(detail(with_names({uri})) == two_names);
  CHECK(detail(with_names({user})) == two_names);
  CHECK(detail(with_names({})) == two_names);
}

TEST_CASE("a subjectAltName that is not critical, missing or doubled is refused") {
  CHECK(detail(with_names({{6, uri_of(1)}, {1, "alice@example.com"}}, false)) == "subjectAltName is not critical");
  CHECK(detail(with([](X509* x) { add_san(x, {{6, uri_of(1)}, {1, "bob@example.com"}}); })) != "");
  const auto key = private_key::generate();
  CHECK(detail(certificate::from_der(forged(key.native(), [](X509*) {}))) == "not exactly one subjectAltName");
}

TEST_CASE("a URI that is not exactly one Node-ID of 16 bytes is refused") {
  const auto refused = [](const std::string& uri) { return detail(with_names({{6, uri}, {1, "alice@example.com"}})); };
  const std::string why = "the URI is not reload://0110<32 hex digits>@<overlay>/";
  const auto id = numbered(1).hex();
  CHECK(refused("reload://0110" + id + "@" + overlay_name) == why);         // no slash
  CHECK(refused("reload://0110" + id + "@" + overlay_name + "/x") == why);  // something after it
  CHECK(refused("reload://0110" + id + "@/") == why);                       // no overlay
  CHECK(refused("reload://0110" + id.substr(2) + "@" + overlay_name + "/") == why);
  CHECK(refused("reload://0110" + id + "0110" + id + "@" + overlay_name + "/") == why);  // two destinations
  CHECK(refused("reload://0210" + id + "@" + overlay_name + "/") == why);                // a Resource-ID
  CHECK(refused("http://0110" + id + "@" + overlay_name + "/") == why);
}

TEST_CASE("a reserved Node-ID is refused") {
  CHECK(detail(with_names({{6, "reload://0110" + std::string(32, '0') + "@o/"}, {1, "alice@example.com"}})) == "a reserved Node-ID");
  CHECK(detail(with_names({{6, "reload://0110" + std::string(32, 'f') + "@o/"}, {1, "alice@example.com"}})) == "a reserved Node-ID");
}

TEST_CASE("a user name that is no user@domain, or hides a NUL, is refused") {
  const auto refused = [](const std::string& user) { return detail(with_names({{6, uri_of(1)}, {1, user}})); };
  CHECK(refused("alice") == "the rfc822Name is not a user@domain");
  CHECK(refused("alice@Example.com") == "the rfc822Name is not a user@domain");
  CHECK(refused("alice@example.com@example.org") == "the rfc822Name is not a user@domain");
  CHECK(refused("al:ice@example.com") == "the rfc822Name is not a user@domain");
  CHECK(refused("sip:alice@example.com") == "the rfc822Name is not a user@domain");
  CHECK(refused("@example.com") == "the rfc822Name is not a user@domain");
  CHECK(refused(std::string("alice@example.com\0.evil.org", 27)) == two_names);
  CHECK(refused("al ice@example.com") == two_names);
}

TEST_CASE("a subject, an older version and an authority's certificate are refused") {
  CHECK(detail(with([](X509* x) {
          X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, core::as_bytes("alice").data(), 5, -1, 0);
        })) == "the subject is not empty");
  CHECK(detail(with([](X509* x) { X509_set_version(x, 1); })) != "");
  CHECK(detail(with([](X509* x) { add_extension(x, OBJ_nid2obj(NID_basic_constraints), true, {0x30, 0x03, 0x01, 0x01, 0xff}); })) ==
        "a certificate authority's, not a node's");
  CHECK(detail(certificate::from_der(authority::create("ca", today).certificate_der())) == "the subject is not empty");
}

TEST_CASE("keys other than Ed25519, P-256 and RSA of 2048 bits or more are refused") {
  const auto names = [](X509* x) { add_san(x, {{6, uri_of(1)}, {1, "alice@example.com"}}); };
  CHECK(certificate::from_der(forged(ec_key().get(), names)));
  CHECK(certificate::from_der(forged(rsa_key().get(), names)));
  CHECK(detail(certificate::from_der(forged(ec_key(NID_secp384r1).get(), names))).starts_with("neither Ed25519"));
  CHECK(detail(certificate::from_der(forged(rsa_key(1024).get(), names))).starts_with("neither Ed25519"));
}

namespace {

const std::string domains_policy = "06146981f89f96d98bb0f2aa9d9d9dcfedf1f8b1b411";
const std::string peer_policy = "0613698689f5aef5cbdaa485a5cda2fc96c5b29513";
const std::string cps = "06082b06010505070201";
const std::string me = "302c" + domains_policy + "30143012" + cps + "16067369703a6d65";  // authority for the domain "me"
const std::string peer = "3015" + peer_policy;

core::result<certificate> with_policies(const std::string& hex) {
  return with([&](X509* x) { add_policies(x, *core::from_hex(hex)); });
}

std::string refused_policies(const std::string& hex) { return detail(with_policies(hex)); }

const std::string not_ours = "the certificate policies are not ours alone";

}  // namespace

TEST_CASE("an authority of another policy, without domains, in upper case, or doubled is refused") {
  const std::string good = "302e" + me;
  REQUIRE(with_policies(good)->domains() == std::vector<std::string>{"me"});
  CHECK(refused_policies("302e302c06146981f89f96d98bb0f2aa9d9d9dcfedf1f8b1b41230143012" + cps + "16067369703a6d65") == not_ours);
  CHECK(refused_policies("301a3018" + domains_policy + "3000") == not_ours);                                          // no domain
  CHECK(refused_policies("30183016" + domains_policy) == not_ours);                                                   // no qualifiers
  CHECK(refused_policies("302e302c" + domains_policy + "30143012" + cps + "16067369703a4d45") == not_ours);           // "ME"
  CHECK(refused_policies("302e302c" + domains_policy + "30143012" + cps + "16066874703a6d65") == not_ours);           // another scheme
  CHECK(refused_policies("302e302c" + domains_policy + "30143012" + cps + "0c067369703a6d65") == not_ours);           // UTF8String
  CHECK(refused_policies("302e302c" + domains_policy + "3014301206082b0601050507020216067369703a6d65") == not_ours);  // another qualifier
  CHECK(refused_policies(good + "00") == not_ours);                                                                   // a byte too many
  CHECK(refused_policies("") == not_ours);
  CHECK(refused_policies("305c" + me + me) == not_ours);
  CHECK(detail(with([&](X509* x) {
          add_policies(x, *core::from_hex(good));
          add_policies(x, *core::from_hex(good));
        })) == not_ours);
}

TEST_CASE("only an issuer that was asked to gives the right to be a peer, with or without domains") {
  const auto ca = authority::create("login.example.com", today);
  CHECK_FALSE(credential_for(ca, 1, "alice@example.com").certificate.may_be_peer());
  CHECK_FALSE(credential_for(ca, request_for(1, "alice@example.com", {"example.com"})).certificate.may_be_peer());
  auto r = request_for(1, "alice@example.com");
  r.peer = true;
  const auto plain = credential_for(ca, r).certificate;
  CHECK(plain.may_be_peer());
  CHECK(plain.domains().empty());
  r.domains = {"example.com"};
  const auto both = credential_for(ca, r).certificate;
  CHECK(both.may_be_peer());
  CHECK(both.domains() == std::vector<std::string>{"example.com"});
}

TEST_CASE("the right to be a peer has exactly the DER that its definition gives") {
  const auto ca = authority::create("login.example.com", today);
  auto r = request_for(1, "alice@example.com");
  r.peer = true;
  // Extension { certificatePolicies, OCTET STRING { SEQUENCE { SEQUENCE { policy } } } }, not critical
  const auto expected = *core::from_hex("30200603551d200419" + std::string("3017") + peer);
  CHECK(std::string(core::as_text(credential_for(ca, r).certificate.der())).find(core::as_text(expected)) != std::string::npos);
}

TEST_CASE("the right to be a peer stands beside domains in any order, once, and without qualifiers") {
  CHECK(with_policies("3017" + peer)->may_be_peer());
  for (const auto& order : {me + peer, peer + me}) {
    const auto c = with_policies("3045" + order);
    REQUIRE(c);
    CHECK(c->may_be_peer());
    CHECK(c->domains() == std::vector<std::string>{"me"});
  }
  CHECK_FALSE(with_policies("302e" + me)->may_be_peer());
  CHECK(refused_policies("302e" + peer + peer) == not_ours);
  CHECK(refused_policies("305c" + peer + me + peer) == not_ours);
  CHECK(refused_policies("30193017" + peer_policy + "3000") == not_ours);                                 // qualifiers, although none
  CHECK(refused_policies("302d302b" + peer_policy + "30143012" + cps + "16067369703a6d65") == not_ours);  // those of the other
  CHECK(refused_policies("3017" + std::string("30150613698689f5aef5cbdaa485a5cda2fc96c5b29514")) == not_ours);
  CHECK(refused_policies("3000") == not_ours);
  CHECK(refused_policies("30093007" + std::string("0605550d1d2000")) == not_ours);
}

}  // namespace certificate_test
