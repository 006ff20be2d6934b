#include "sip/headers_field.hpp"

#include <doctest.h>

#include <string>

namespace headers_field_test {

using namespace phyllo::sip;

TEST_CASE("a header field is found by its long name and its compact one, in any case") {
  struct form {
    const char* name;
    const char* compact;
    field id;
  };
  for (const auto& f :
       {form{"Via", "v", field::via}, form{"From", "f", field::from}, form{"To", "t", field::to}, form{"Call-ID", "i", field::call_id},
        form{"Contact", "m", field::contact}, form{"Content-Length", "l", field::content_length},
        form{"Content-Type", "c", field::content_type}, form{"Supported", "k", field::supported}}) {
    CAPTURE(f.name);
    CHECK(field_of(f.name) == f.id);
    CHECK(field_of(f.compact) == f.id);
    CHECK(long_name(f.compact) == f.name);
    CHECK(field_of(std::string(1, static_cast<char>(f.compact[0] - 0x20))) == f.id);
  }
  CHECK(field_of("cALL-id") == field::call_id);
  CHECK(field_of("PROXY-AUTHORIZATION") == field::proxy_authorization);
  for (const auto* name : {"CSeq", "Route", "Record-Route", "Path", "Max-Forwards", "Expires", "Require", "Proxy-Require", "Authorization"})
    CHECK_MESSAGE(field_of(name) != field::other, std::string(name));
}

TEST_CASE("other fields have compact names too (RFC 3515, 3841, 3892, 4028, 6665, 8224)") {
  for (const auto& [compact, name] :
       {std::pair("s", "Subject"), std::pair("e", "Content-Encoding"), std::pair("r", "Refer-To"), std::pair("b", "Referred-By"),
        std::pair("x", "Session-Expires"), std::pair("o", "Event"), std::pair("u", "Allow-Events"), std::pair("y", "Identity"),
        std::pair("a", "Accept-Contact"), std::pair("j", "Reject-Contact"), std::pair("d", "Request-Disposition")}) {
    CHECK(long_name(compact) == name);
    CHECK(field_of(compact) == field::other);
  }
}

TEST_CASE("what is no name of a field is other, and stays as it is") {
  for (const auto* name : {"", "z", "Vi", "Viaa", "X-Via", "Content-Lengt"}) {
    CHECK_MESSAGE(field_of(name) == field::other, std::string(name));
    CHECK(long_name(name) == name);
  }
  CHECK(long_name("Via") == "Via");
}

TEST_CASE("a token has the letters of RFC 3261 s.25.1, and is not empty") {
  CHECK(is_token("azAZ09-.!%*_+`'~"));
  for (const auto* text : {"", "a b", "a:b", "a/b", "\"a\"", "a\t", "<a>", "a=b", "a;b", "\xc3\xa4"})
    CHECK_MESSAGE(!is_token(text), std::string(text));
  CHECK_FALSE(is_token(std::string_view("a\0", 2)));
}

}  // namespace headers_field_test
