// The registrar and the proxy behind the parser, and all that they keep, in virtual time: a node whose sockets lead nowhere, and a phone,
// bob's, that is registered there.
//
// The first octet: 1: callers are asked for credentials; 2: they are users of ours with the right password. Then datagrams, with an octet
// of zero between two. "%ROUTE" in one of them stands for the newest Record-Route that bob's phone has seen, so that dialogs go on.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../sip/support/memory_overlay.hpp"
#include "phyllo/sim/world.hpp"
#include "phyllo/sip/service.hpp"
#include "phyllo/transport/errc.hpp"
#include "sip/digest.hpp"
#include "sip/message.hpp"
#include "sip/message_edit.hpp"

namespace {

using namespace phyllo;
using namespace std::chrono_literals;

const transport::endpoint node_at{asio::ip::make_address("192.0.2.1"), 5060};
const transport::endpoint bob_at{asio::ip::make_address("198.51.100.2"), 5060};
const transport::endpoint caller_at{asio::ip::make_address("203.0.113.3"), 5060};
constexpr std::size_t datagrams_max = 16;

// Doors that lead nowhere.
class quiet_doors final : public transport::doors, private transport::datagram_port {
 public:
  struct datagram {
    transport::endpoint to;
    std::string text;
  };
  std::vector<datagram> sent;

  [[nodiscard]] transport::datagram_port& port() { return *this; }

  void serve(transport::datagram_kind, transport::datagram_service*) override {}
  void serve(transport::stream_kind, transport::stream_service*) override {}
  [[nodiscard]] std::vector<transport::datagram_port*> ports() const override { return {const_cast<quiet_doors*>(this)}; }  // NOLINT
  core::result<std::shared_ptr<transport::datagram_port>> open_port(const transport::endpoint&, transport::datagram_service&) override {
    return core::fail(transport::errc::refused);
  }
  void probe(transport::datagram_port&, const transport::endpoint&, std::function<void()>) override {}
  transport::socket_load shed(const transport::drop_rule&, const transport::drop_shares&) override { return {}; }
  [[nodiscard]] std::vector<asio::ip::address> addresses() const override { return {}; }
  [[nodiscard]] bool may_dial(const transport::endpoint&) const override { return true; }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tcp(transport::endpoint, core::time_point) override {
    co_return core::fail(transport::errc::refused);
  }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tls(transport::endpoint, transport::tls_client_options,
                                                                             core::time_point) override {
    co_return core::fail(transport::errc::refused);
  }

 private:
  core::status send(const transport::endpoint& to, core::byte_view data) override {
    sent.push_back({to, std::string(core::as_text(data))});
    return {};
  }
  core::status send_batch(std::span<const transport::outgoing_datagram> batch) override {
    for (const auto& d : batch) static_cast<void>(send(d.to, d.data));
    return {};
  }
  [[nodiscard]] const transport::endpoint& local() const noexcept override { return node_at; }
};

core::awaitable<core::result<std::string>> secret_of(std::string user, std::string algorithm, bool whole) {
  const auto a = sip::parse_digest_algorithm(algorithm);
  const auto at = user.find('@');
  if (!a || at == std::string::npos) co_return core::fail(overlay::errc::not_found);
  const auto username = whole ? user : user.substr(0, at);
  co_return sip::digest_hash(*a, username + ":" + user.substr(at + 1) + ":secret");
}

class scene {
 public:
  explicit scene(bool asks) : ring_(world_.env()), overlay_(ring_, identity::node_id()) {
    sip::service_options o;
    o.domains = {"example.com"};
    o.advertised_address = node_at.address.to_string();
    o.authenticate_calls = asks;
    o.dns_servers = {"127.0.0.1:9"};
    service_ = sip::service::create(world_.env(), o, host_, overlay_, secret_of, metrics_, {});
  }
  ~scene() {
    world_.run_for(40s);  // all transactions end
    (void)world_.finish(service_->stop());
  }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;

  void hear(const transport::endpoint& from, const std::string& text) {
    service_->on_datagram(host_.port(), {from, core::as_bytes(text)});
    world_.run_for(10ms);
  }
  // The same with the credentials that are asked for, if any are.
  void hear_with_password(const transport::endpoint& from, const std::string& text) {
    host_.sent.clear();
    hear(from, text);
    if (const auto again = authorized(text)) hear(from, *again);
  }
  // Bob's phone answers every request that it has got.
  void answer() {
    const auto sent = std::exchange(host_.sent, {});
    for (const auto& d : sent) {
      auto m = sip::message::parse(core::as_bytes(d.text), sip::framing::datagram);
      if (!m || !m->is_request() || d.to != bob_at || m->method() == sip::method::ack) continue;
      auto r = m->reply(200, {}, "bobs");
      for (const auto& rr : m->headers("Record-Route")) {
        (void)r.add_header("Record-Route", rr);
        route_ = rr;
      }
      (void)r.add_header("Contact", "<sip:bob@198.51.100.2>");
      hear(bob_at, r.print());
    }
  }
  [[nodiscard]] std::string filled(std::string text) const {
    const std::string_view place = "%ROUTE";
    for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + route_.size())) {
      text.replace(at, place.size(), route_);
    }
    return text;
  }

 private:
  [[nodiscard]] std::optional<std::string> authorized(const std::string& text) const {
    if (host_.sent.empty()) return std::nullopt;
    const auto challenge = sip::message::parse(core::as_bytes(host_.sent.back().text), sip::framing::datagram);
    auto m = sip::message::parse(core::as_bytes(text), sip::framing::datagram);
    if (!m || !m->is_request() || !challenge || (challenge->status() != 401 && challenge->status() != 407)) return std::nullopt;
    const auto offers = challenge->headers(challenge->status() == 407 ? "Proxy-Authenticate" : "WWW-Authenticate");
    if (offers.empty()) return std::nullopt;
    const std::string offer(offers.front());
    const auto from = offer.find("nonce=\"") + 7;
    sip::digest_credentials c;
    c.nonce = offer.substr(from, offer.find('"', from) - from);
    c.uri = m->request_uri().text();
    c.qop = "auth";
    c.nc = "00000001";
    c.cnonce = "c";
    const auto a = offer.find("SHA-256") == std::string::npos ? sip::digest_algorithm::md5 : sip::digest_algorithm::sha256;
    const std::string user(m->from().uri.user);
    const auto response = sip::digest_response(c, a, sip::digest_hash(a, user + ":example.com:secret"), m->method_name());
    if (!response) return std::nullopt;
    (void)m->add_header(challenge->status() == 407 ? "Proxy-Authorization" : "Authorization",
                        "Digest username=\"" + user + "\", realm=\"example.com\", nonce=\"" + c.nonce + "\", uri=\"" + c.uri +
                            "\", response=\"" + *response + "\", algorithm=" + std::string(sip::name_of(a)) +
                            ", cnonce=\"c\", qop=auth, nc=00000001");
    const auto number = m->cseq().number + 1;
    m->remove_headers("CSeq");
    (void)m->add_header("CSeq", std::to_string(number) + " " + std::string(m->method_name()));
    pop_via(*m);
    push_via(*m, "UDP", caller_at.text(), "z9hG4bKagain");
    return m->print();
  }

  sim::world world_;
  testing::memory_ring ring_;
  testing::memory_overlay overlay_;
  quiet_doors host_;
  core::metrics metrics_;
  std::unique_ptr<sip::service> service_;
  std::string route_ = "<sip:192.0.2.1;lr>";
};

const std::string bob_registers =
    "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.2;branch=z9hG4bKbob\r\nMax-Forwards: 70\r\n"
    "From: <sip:bob@example.com>;tag=b\r\nTo: <sip:bob@example.com>\r\nCall-ID: bob\r\nCSeq: 1 REGISTER\r\n"
    "Contact: <sip:bob@198.51.100.2>\r\nUser-Agent: a phone that says much of itself, so that it is answered\r\nContent-Length: 0\r\n\r\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  scene s((data[0] & 1) != 0);
  s.hear_with_password(bob_at, bob_registers);
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);  // text
  for (std::size_t n = 0; n < datagrams_max && !rest.empty(); ++n) {
    const auto end = std::min(rest.find('\0'), rest.size());
    const auto text = s.filled(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if ((data[0] & 2) != 0) {
      s.hear_with_password(caller_at, text);
    } else {
      s.hear(caller_at, text);
    }
    s.answer();
  }
  return 0;
}
