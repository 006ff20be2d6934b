#include <set>

#include "sip/message.hpp"
#include "vectors.hpp"

namespace call_flows_test {

using namespace phyllo;
using sip::message;

namespace {

// Examples that break the grammar: ";;" or a parameter that is empty, a Route without scheme, a list that ends with a
// comma, a To or From without a URI, a header field missing, and marks of the RFC editor's between the lines.
const std::set<std::string> ungrammatical{"rfc3428-001.sip", "rfc3428-002.sip", "rfc3665-158.sip", "rfc3666-031.sip",
                                          "rfc3666-037.sip", "rfc3666-039.sip", "rfc3666-113.sip", "rfc5589-003.sip",
                                          "rfc5589-004.sip", "rfc5589-005.sip", "rfc5589-006.sip", "rfc5589-007.sip",
                                          "rfc5626-001.sip", "rfc5626-002.sip", "rfc5627-003.sip", "rfc5627-004.sip"};

}  // namespace

TEST_CASE("the examples of eight RFCs are parsed, and printed byte for byte") {
  const auto files = testing::files_of("rfc-callflows");
  CHECK(files.size() == 365);
  for (const auto& file : files) {
    const auto name = file.filename().string();
    CAPTURE(name);
    const auto text = testing::read_file(file);
    const auto parsed = message::parse(core::as_bytes(text), sip::framing::datagram);
    const bool good = parsed.has_value() && !parsed->defect().has_value();
    CHECK(good != ungrammatical.contains(name));
    if (good) CHECK(parsed->print() == text);
  }
}

}  // namespace call_flows_test
