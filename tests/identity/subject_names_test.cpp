#include "identity/subject_names.hpp"

#include <doctest.h>

namespace subject_names_test {

using namespace phyllo;
using identity::subject_names;

TEST_CASE("a subject's names are encoded as GeneralNames of tags 6 and 1 (RFC 5280 s.4.2.1.6)") {
  CHECK(core::to_hex(subject_names{"u:x", "a@b"}.encode()) == "300a8603753a788103614062");
  CHECK(core::to_hex(subject_names{"u:x", ""}.encode()) == "30058603753a78");
  CHECK(core::to_hex(subject_names{}.encode()) == "3000");
}

TEST_CASE("the names are read back, in either order") {
  const subject_names both{"reload://x", "alice@example.com"};
  const auto read = subject_names::decode(both.encode());
  REQUIRE(read);
  CHECK(read->uri == both.uri);
  CHECK(read->mail == both.mail);
  const auto turned = subject_names::decode(*core::from_hex("300a81036140628603753a78"));
  REQUIRE(turned);
  CHECK(turned->uri == "u:x");
  CHECK(turned->mail == "a@b");
  CHECK(subject_names::decode(*core::from_hex("3000"))->uri.empty());
}

TEST_CASE("another kind of name, two of one kind, an empty one, and bytes that nobody can read are refused") {
  for (const auto* bad : {"300a8203753a788103614062",  // a dNSName
                          "300a8603753a788603753a79",  // two URIs
                          "300a8103614062"
                          "8103614063",                                         // two mail names
                          "30028600", "30058603750078", "3005860375207a",       // empty, a NUL, a space
                          "300586037580ff", "300a8603753a78810361406200", ""})  // not ASCII, a byte too many
    CHECK_MESSAGE(!subject_names::decode(*core::from_hex(bad)), std::string(bad));
  const auto whole = subject_names{"u:x", "a@b"}.encode();
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(subject_names::decode(core::byte_view(whole).first(n)));
}

TEST_CASE("an extension keeps its content and whether it is critical") {
  const auto content = core::to_bytes("content");
  for (const bool critical : {false, true}) {
    const auto e = identity::make_extension(OBJ_nid2obj(NID_subject_alt_name), critical, content);
    CHECK((X509_EXTENSION_get_critical(e.get()) != 0) == critical);
    CHECK(core::to_bytes(identity::extension_content(e.get())) == content);
    CHECK(OBJ_obj2nid(X509_EXTENSION_get_object(e.get())) == NID_subject_alt_name);
  }
}

}  // namespace subject_names_test
