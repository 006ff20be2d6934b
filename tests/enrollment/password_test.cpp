#include "../../src/enrollment/password.hpp"

#include "account_database.hpp"
#include "phyllo/core/errc.hpp"

namespace password_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

TEST_CASE("the verifier is RFC 7914's scrypt, also beyond BoringSSL's default of memory") {
  account_options o = quick;
  for (const unsigned log2_n : {1U, 10U, 15U, 16U}) {
    o.scrypt_log2_n = log2_n;
    const auto p = prepare_account("alice@example.com", "pw", {}, o);
    REQUIRE(p);
    CHECK(p->verifier.size() == 32);
    CHECK(right_password({p->salt, p->verifier, log2_n, account{}}, "pw"));
    CHECK_FALSE(right_password({p->salt, p->verifier, log2_n, account{}}, "pv"));
  }
  o.scrypt_log2_n = 0;
  CHECK(prepare_account("alice@example.com", "pw", {}, o).error() == core::errc::invalid);
  o.scrypt_log2_n = 21;
  CHECK(prepare_account("alice@example.com", "pw", {}, o).error() == core::errc::invalid);
}

TEST_CASE("a verifier is scrypt with r = 8 and p = 1, of password and salt (RFC 7914 s.12)") {
  // The RFC's third vector begins so: scrypt("pleaseletmein", "SodiumChloride", N = 16384, r = 8, p = 1).
  CHECK(core::to_hex(derive_verifier("pleaseletmein", core::as_bytes("SodiumChloride"), 14)) ==
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST_CASE("a cost outside of its bounds gives no verifier") {
  CHECK(derive_verifier("pw", {}, 0).empty());
  CHECK(derive_verifier("pw", {}, scrypt_log2_n_max + 1).empty());
  CHECK(derive_verifier("", {}, 1).size() == verifier_bytes);
}

TEST_CASE("random bytes are as many as are asked for, and others each time") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(16).size() == 16);
  CHECK(random_bytes(16) != random_bytes(16));
}

}  // namespace password_test
