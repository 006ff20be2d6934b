// The end that calls: INVITE, 180, 200, ACK, BYE, 200 (RFC 3261 s.13, s.15), by the routes that the answer recorded, with
// digest where it is asked for.
#pragma once

#include "call_texts.hpp"
#include "sip_client.hpp"

namespace phyllo::load {

class call_machine final : public sip_client {
 public:
  enum part : std::size_t { ringing, set_up, tear_down };  // INVITE to 180, INVITE to 200, BYE to 200

  struct target {
    std::string name;  // of the callee
    std::string uri;   // what the INVITE names
  };
  struct plan {
    std::vector<target> callees;  // in turn
    core::duration hold{};        // between ACK and BYE
  };
  call_machine(plan p, const sip_client_settings& s, std::vector<user> users, outbox& out, core::time_point now);

  void begin(core::time_point intended, core::time_point now) override;
  [[nodiscard]] std::size_t open() const noexcept override { return calls_.size(); }
  void abandon(core::time_point now) override;

 private:
  enum class state : std::uint8_t { inviting, talking, ending };

  struct call {
    operation_key key;
    core::time_point intended, due, ended;
    retransmission again;
    std::uint64_t number = 0;
    state now = state::inviting;
    unsigned attempt = 0;  // of the INVITE, and its CSeq
    bool rang = false;
    std::string to_tag, routes, uri, authorization;
  };
  bool on_response(const sip_scan& r, operation_key key, core::time_point now) override;
  void on_alarm(operation_key key, core::time_point at, core::time_point now) override;
  bool on_invite_response(call& c, const sip_scan& r, core::time_point now);
  bool on_bye_response(call& c, const sip_scan& r, core::time_point now);
  void refused(call& c, const sip_scan& r, core::time_point now);
  void answered(call& c, const sip_scan& r, core::time_point now);
  void invite(call& c, core::time_point now);
  void end(call& c, core::time_point now);
  void arm(call& c, core::time_point when);
  void give_up(call& c);
  void print(const call& c, const message_template& t, std::string_view branch, unsigned cseq, std::string_view uri);
  void print_current(const call& c);
  [[nodiscard]] std::size_t user_of(const call& c) const noexcept { return c.number % users_.size(); }
  [[nodiscard]] const target& callee_of(const call& c) const noexcept { return plan_.callees[c.number % plan_.callees.size()]; }

  plan plan_;
  call_texts texts_;
  operation_slab<call> calls_;
  std::uint64_t begun_ = 0;
};

}  // namespace phyllo::load
