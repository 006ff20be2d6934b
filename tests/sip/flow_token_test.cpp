#include "sip/flow_token.hpp"

#include <doctest.h>

using namespace phyllo;
using namespace phyllo::sip;

namespace {

const token_signer signer(core::bytes(32, 7));

flow phone(const char* address, protocol by = protocol::udp, std::uint64_t id = 0) {
  return {by, transport::endpoint::parse(address).value(), static_cast<flow_id>(id)};
}

}  // namespace

TEST_CASE("a flow token gives back the flow it was made of, IPv4 or IPv6, datagram or stream") {
  for (const auto& f : {phone("192.0.2.1:5060"), phone("[2001:db8::1]:40000"), phone("192.0.2.9:1", protocol::tls, 0x1122334455667788)}) {
    const auto t = signer.open(signer.seal({flow_token::use::path, f}, {}), {}).value();
    CHECK(t.purpose == flow_token::use::path);
    CHECK(t.flow->by == f.by);
    CHECK(t.flow->remote == f.remote);
    CHECK(t.flow->id == f.id);
  }
}

TEST_CASE("a dialog's token is good for its Call-ID only, a path's for every call") {
  const auto dialogs = signer.seal({flow_token::use::record_route, std::nullopt}, "call-1");
  CHECK(signer.open(dialogs, "call-1").has_value());
  CHECK_FALSE(signer.open(dialogs, "call-1").value().flow.has_value());
  CHECK_FALSE(signer.open(dialogs, "call-2").has_value());
  const auto paths = signer.seal({flow_token::use::path, phone("192.0.2.1:5060")}, "call-1");
  CHECK(signer.open(paths, "call-2").has_value());
}

TEST_CASE("a token that was altered, cut, or made for the other use is refused") {
  auto text = signer.seal({flow_token::use::record_route, phone("192.0.2.1:5060")}, "c");
  CHECK(signer.open(text, "c").has_value());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == '0' ? '1' : '0';
    CHECK_FALSE(signer.open(changed, "c").has_value());
    CHECK_FALSE(signer.open(text.substr(0, i), "c").has_value());
  }
  text[0] = static_cast<char>(flow_token::use::path);
  CHECK_FALSE(signer.open(text, "c").has_value());
  CHECK_FALSE(token_signer(core::bytes(32, 8)).open(signer.seal({flow_token::use::record_route, std::nullopt}, "c"), "c").has_value());
  CHECK_FALSE(signer.open("alice", "c").has_value());
}

TEST_CASE("flows are the same by connection, or for UDP by address") {
  CHECK(phone("192.0.2.1:5060").same_as(phone("192.0.2.1:5060")));
  CHECK_FALSE(phone("192.0.2.1:5060").same_as(phone("192.0.2.1:5061")));
  CHECK(phone("192.0.2.1:5060", protocol::tcp, 4).same_as(phone("192.0.2.1:9", protocol::tcp, 4)));
  CHECK_FALSE(phone("192.0.2.1:5060", protocol::tcp, 4).same_as(phone("192.0.2.1:5060", protocol::tcp, 5)));
}
