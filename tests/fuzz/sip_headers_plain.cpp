// Two readers of the values of header fields: what the quick one reads, sofia-sip's classes read the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/bytes.hpp"
#include "sip/headers_parse.hpp"
#include "sip/headers_plain.hpp"

namespace {

using namespace phyllo;

void demand(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = core::as_text({data, size});
  const auto home = sip::make_home();
  if (const auto v = sip::plain_via(text)) {
    const auto other = sip::parse_via(home.get(), text);
    demand(other && v->transport == other->transport && v->host == other->host && v->port == other->port && v->branch == other->branch);
    demand(v->received == other->received && v->maddr == other->maddr && v->has_rport == other->has_rport && v->rport == other->rport);
    demand(sip::plain_stamp(text, "192.0.2.1", 1) == sip::stamp_via(home.get(), text, "192.0.2.1", 1));
  }
  if (const auto a = sip::plain_address(text)) {
    const auto other = sip::parse_address(home.get(), text);
    demand(other && a->display == other->display && a->tag == other->tag && a->uri.text() == other->uri.text());
  }
  if (const auto c = sip::plain_contact(text)) {
    const auto other = sip::parse_contact(home.get(), text);
    demand(other && c->uri.text() == other->uri.text() && c->q_thousandths == other->q_thousandths && c->expires == other->expires);
    demand(c->instance == other->instance && c->reg_id == other->reg_id && c->features == other->features);
  }
  return 0;
}
