// One request and its answer, again and again: REGISTER or MESSAGE of many users, with digest where it is asked for.
#pragma once

#include "sip_client.hpp"

namespace phyllo::load {

class request_machine final : public sip_client {
 public:
  struct request {
    std::string method;            // "REGISTER"
    std::vector<std::string> to;   // names of users that it is for, in turn; empty: each user's own
    unsigned expires = 3600;       // REGISTER
    std::size_t body_bytes = 100;  // MESSAGE
  };
  request_machine(const request& what, const sip_client_settings& s, std::vector<user> users, outbox& out, core::time_point now);

  void begin(core::time_point intended, core::time_point now) override;
  [[nodiscard]] std::size_t open() const noexcept override { return operations_.size(); }
  void abandon(core::time_point now) override;

 private:
  struct operation {
    operation_key key;
    core::time_point intended, due;
    retransmission again;
    std::uint64_t number = 0;
    unsigned attempt = 1;
    std::string authorization;
  };
  bool on_response(const sip_scan& r, operation_key key, core::time_point now) override;
  void on_alarm(operation_key key, core::time_point at, core::time_point now) override;
  void send(const operation& o);
  void attempt(operation& o, core::time_point now);
  void arm(operation& o);
  void retry(operation& o, const sip_scan& r, core::time_point now);
  [[nodiscard]] std::size_t user_of(const operation& o) const noexcept { return o.number % users_.size(); }
  [[nodiscard]] std::string_view to_of(const operation& o) const noexcept;
  [[nodiscard]] std::string_view uri_of(const operation& o) const noexcept { return uris_[o.number % uris_.size()]; }

  std::string method_;
  std::vector<std::string> to_;
  std::vector<std::string> uris_;  // of to_; REGISTER: the domain's
  message_template text_;
  operation_slab<operation> operations_;
  std::uint64_t begun_ = 0;
};

}  // namespace phyllo::load
