#include "phyllo/node/anchor.hpp"

#include <doctest.h>

namespace anchor_test {

using namespace phyllo;

TEST_CASE("fingerprints are read as we print them and as openssl does") {
  const std::string hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  CHECK(node::read_fingerprint("sha256:" + hex) == "sha256:" + hex);
  CHECK(node::read_fingerprint(hex) == "sha256:" + hex);
  CHECK(node::read_fingerprint("SHA256:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF") ==
        "sha256:" + hex);
  CHECK_FALSE(node::read_fingerprint("sha256:" + hex.substr(2)));
  CHECK_FALSE(node::read_fingerprint("sha1:" + hex));
  CHECK_FALSE(node::read_fingerprint(""));
}

}  // namespace anchor_test
