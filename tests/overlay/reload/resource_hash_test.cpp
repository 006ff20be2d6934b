#include "phyllo/overlay/resource_hash.hpp"

#include <doctest.h>

namespace resource_hash_test {

using namespace phyllo;
using overlay::hash_to_resource;
using overlay::resource_hash;

// FIPS 180-2, A.1 and B.1, and the empty message.
TEST_CASE("a Resource-ID is the most significant 128 bits of the name's hash") {
  const auto abc = core::as_bytes("abc");
  CHECK(hash_to_resource(resource_hash::sha1, abc).hex() == "a9993e364706816aba3e25717850c26c");
  CHECK(hash_to_resource(resource_hash::sha256, abc).hex() == "ba7816bf8f01cfea414140de5dae2223");
  CHECK(hash_to_resource(resource_hash::sha1, {}).hex() == "da39a3ee5e6b4b0d3255bfef95601890");
  CHECK(hash_to_resource(resource_hash::sha256, {}).hex() == "e3b0c44298fc1c149afbf4c8996fb924");
}

}  // namespace resource_hash_test
