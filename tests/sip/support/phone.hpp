// A scripted phone on a UDP socket of its own: says what the test tells it to, and hears what comes, in order.
#pragma once

#include <doctest.h>

#include <asio/ip/udp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <string>
#include <string_view>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"
#include "sip/digest.hpp"
#include "sip/message.hpp"
#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"

namespace phyllo::testing {

class phone {
 public:
  phone(core::environment& env, std::string user, const char* address, std::string password = "secret")
      : env_(env),
        user_(std::move(user)),
        password_(std::move(password)),
        socket_(env.get_executor(), asio::ip::udp::endpoint(asio::ip::make_address(address), 0)),
        heard_(env, 1000),
        scope_(env) {
    scope_.spawn(listen());
  }

  bool whole_username = false;  // in digests: "alice@example.com"

  [[nodiscard]] std::string at() const { return address() + ":" + std::to_string(socket_.local_endpoint().port()); }
  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }
  [[nodiscard]] std::string address() const { return socket_.local_endpoint().address().to_string(); }
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] std::string contact() const { return "<sip:" + user_ + "@" + at() + ">"; }

  // A request of this phone with a new Via; `cseq` as given.
  [[nodiscard]] sip::message make(std::string_view method, const std::string& request_uri, const std::string& to, std::uint32_t cseq,
                                  const std::string& call_id) {
    auto m = sip::message::request(method, request_uri, "<sip:" + user_ + "@example.com>;tag=" + user_, to, call_id, cseq).value();
    push_via(m, "UDP", at(), "z9hG4bK" + user_ + std::to_string(++branches_));
    if (method != "BYE" && method != "ACK") REQUIRE(m.add_header("Contact", contact()).has_value());
    // As long as phones' requests are: strangers are answered by their measure.
    REQUIRE(m.add_header("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, MESSAGE, INFO, SUBSCRIBE, UPDATE, PRACK, PUBLISH")
                .has_value());
    REQUIRE(m.add_header("Supported", "replaces, outbound, path, timer, 100rel, gruu, norefersub, eventlist").has_value());
    REQUIRE(m.add_header("User-Agent", "Telephone of the tests/1.0 (" + std::string(120, 'x') + ")").has_value());
    return m;
  }

  // Adds the answer to a 401 or 407 of the algorithm named; `uri` of the digest is the request's.
  void authorize(sip::message& m, const sip::message& challenge, std::string_view algorithm = "MD5", std::string uri = {}) {
    const bool proxy = challenge.status() == 407;
    std::string nonce;
    for (const auto& text : challenge.headers(proxy ? "Proxy-Authenticate" : "WWW-Authenticate")) {
      if (text.find("algorithm=" + std::string(algorithm) + ",") == std::string::npos) continue;
      const auto from = text.find("nonce=\"") + 7;
      nonce = text.substr(from, text.find('"', from) - from);
    }
    REQUIRE_FALSE(nonce.empty());
    const auto a = sip::parse_digest_algorithm(algorithm).value();
    sip::digest_credentials c;
    c.nonce = nonce;
    c.uri = uri.empty() ? m.request_uri().text() : uri;
    c.qop = "auth";
    c.nc = "00000001";
    c.cnonce = "cn";
    const auto username = whole_username ? user_ + "@example.com" : user_;
    const auto ha1 = sip::digest_hash(a, username + ":example.com:" + password_);
    const auto response = sip::digest_response(c, a, ha1, m.method_name()).value();
    const auto text = "Digest username=\"" + username + "\", realm=\"example.com\", nonce=\"" + nonce + "\", uri=\"" + c.uri +
                      "\", response=\"" + response + "\", algorithm=" + std::string(algorithm) + ", cnonce=\"cn\", qop=auth, nc=00000001";
    REQUIRE(m.add_header(proxy ? "Proxy-Authorization" : "Authorization", text).has_value());
  }

  void send(const sip::message& m, const std::string& to) { send_text(m.print(), to); }
  void send_text(const std::string& text, const std::string& to) {
    const auto colon = to.rfind(':');
    socket_.send_to(asio::buffer(text),
                    {asio::ip::make_address(to.substr(0, colon)), static_cast<std::uint16_t>(std::stoi(to.substr(colon + 1)))});
  }

  // To where the request says (rport), as transactions do.
  void reply(const sip::message& request, int status, bool with_contact = true) {
    auto r = request.reply(status, {}, user_ + "-tag");
    for (const auto& rr : request.headers("Record-Route")) REQUIRE(r.add_header("Record-Route", rr).has_value());
    if (with_contact) REQUIRE(r.add_header("Contact", contact()).has_value());
    const auto via = *top_via(request);
    const auto host = std::string(via.received.empty() ? via.host : via.received);
    send(r, host + ":" + std::to_string(via.port));
  }

  // The next message, retransmissions included; fails the test after `limit`.
  core::awaitable<sip::message> hear(core::duration limit = std::chrono::seconds(5)) {
    auto m = co_await heard_.receive(env_.now() + limit);
    REQUIRE_MESSAGE(m.has_value(), user_ << " heard nothing");
    co_return std::move(*m);
  }
  // The next response of that status, or request of that method; others before it are passed over.
  core::awaitable<sip::message> hear_status(int status, core::duration limit = std::chrono::seconds(5)) {
    const auto deadline = env_.now() + limit;
    while (true) {  // ends with the status, or fails the test at the limit
      auto m = co_await heard_.receive(deadline);
      REQUIRE_MESSAGE(m.has_value(), user_ << " waited for " << status << " in vain, last heard " << last_);
      last_ = m->is_request() ? std::string(m->method_name()) : std::to_string(m->status()) + " " + std::string(m->phrase());
      if (!m->is_request() && m->status() == status) co_return std::move(*m);
      if (!m->is_request() && m->status() >= 200 && m->status() != status)
        FAIL_CHECK(user_ << " heard " << last_ << " instead of " << status);
    }
  }
  core::awaitable<sip::message> hear_method(std::string_view method, core::duration limit = std::chrono::seconds(5)) {
    const auto deadline = env_.now() + limit;
    while (true) {  // ends with the method, or fails the test at the limit
      auto m = co_await heard_.receive(deadline);
      REQUIRE_MESSAGE(m.has_value(), user_ << " waited for " << method << " in vain");
      if (m->is_request() && m->method_name() == method) co_return std::move(*m);
    }
  }
  [[nodiscard]] bool silent() const { return heard_.empty(); }

  core::awaitable<void> hang_up() {  // before destruction
    scope_.cancel();
    co_await scope_.join();
  }

 private:
  core::awaitable<void> listen() {  // ends by cancellation
    std::string data(65'536, '\0');
    while (true) {
      asio::ip::udp::endpoint from;
      const auto n = co_await socket_.async_receive_from(asio::buffer(data), from, asio::use_awaitable);
      auto m = sip::message::parse(core::as_bytes(std::string_view(data).substr(0, n)), sip::framing::datagram);
      if (!m) continue;
      if (m->is_request()) stamp_received(*m, {from.address(), from.port()});
      heard_.push(std::move(*m));
    }
  }

  core::environment& env_;
  std::string user_;
  std::string password_;
  asio::ip::udp::socket socket_;
  core::mailbox<sip::message> heard_;
  core::task_scope scope_;
  unsigned branches_ = 0;
  std::string last_ = "nothing";
};

}  // namespace phyllo::testing
