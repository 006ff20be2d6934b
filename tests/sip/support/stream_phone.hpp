// A phone's TCP connection to a node: says what the test tells it to, and hears what comes, in order. Messages are made by a `phone`.
#pragma once

#include "phone.hpp"
#include "phyllo/transport/host.hpp"
#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "sip/stream_framing.hpp"

namespace phyllo::testing {

class stream_phone {
 public:
  stream_phone(core::environment& env, std::unique_ptr<transport::stream> s) : env_(env), stream_(std::move(s)) {}

  static core::awaitable<std::unique_ptr<stream_phone>> connect(core::environment& env, std::string address, std::string to) {
    const auto server = transport::endpoint::parse(to).value();
    auto opened = co_await transport::open_tcp_stream(env, asio::ip::make_address(address), server, env.now() + std::chrono::seconds(5));
    REQUIRE(opened.has_value());
    co_return std::make_unique<stream_phone>(env, std::move(*opened));
  }

  [[nodiscard]] std::string at() const { return stream_->local().text(); }
  transport::stream& stream() { return *stream_; }

  // With this connection in Via, and in Contact where there is one.
  core::awaitable<void> say(const sip::message& m) {
    auto out = m.copy();
    if (out.is_request()) {
      const auto branch = std::string(top_via(out)->branch);
      pop_via(out);
      push_via(out, "TCP", at(), branch);
    }
    if (!out.contacts().empty()) {
      out.remove_headers("Contact");
      REQUIRE(out.add_header("Contact", "<sip:" + std::string(m.contacts().front().uri.user) + "@" + at() + ";transport=tcp>").has_value());
    }
    const auto text = out.print();
    const auto written = co_await stream_->write(core::as_bytes(text), env_.now() + std::chrono::seconds(5));
    REQUIRE(written.has_value());
  }

  core::awaitable<sip::message> hear() {
    std::vector<std::uint8_t> some(8192);
    while (true) {  // ends with a message, or fails the test
      const auto frame = framing_.next();
      if (frame.what == sip::stream_framing::event::message)
        co_return sip::message::parse(core::as_bytes(frame.text), sip::framing::stream).value();
      if (frame.what != sip::stream_framing::event::need_more) continue;
      const auto n = co_await stream_->read(some, env_.now() + std::chrono::seconds(5));
      REQUIRE_MESSAGE(n.has_value(), "nothing came on the connection");
      framing_.feed(core::byte_view(some.data(), *n));
    }
  }
  // The next response of that status; provisional ones before it are passed over.
  core::awaitable<sip::message> hear_status(int status) {
    while (true) {  // ends with the status, or fails the test
      auto m = co_await hear();
      if (m.is_request()) continue;
      if (m.status() == status) co_return m;
      REQUIRE_MESSAGE(m.status() < 200, "heard " << m.status() << " instead of " << status);
    }
  }

 private:
  core::environment& env_;
  std::unique_ptr<transport::stream> stream_;
  sip::stream_framing framing_;
};

}  // namespace phyllo::testing
