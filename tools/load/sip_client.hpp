// What the loads that send SIP requests share: who they are, the keys of their operations, and the end that is called.
#pragma once

#include <string>
#include <vector>

#include "callee_machine.hpp"
#include "digest_answer.hpp"
#include "machine.hpp"
#include "message_template.hpp"
#include "operation_slab.hpp"
#include "retransmission.hpp"
#include "timer_wheel.hpp"

namespace phyllo::load {

struct user {
  std::string name;
  std::string password;
};

struct sip_client_settings {
  std::string domain = "example.com";
  std::string via;                   // "SIP/2.0/UDP"
  std::string contact_parameters;    // ";transport=tcp"; UDP: none
  std::string run;                   // what stands behind the key in a Call-ID
  std::vector<std::string> locals;   // of every way, "192.0.2.1:5060"
  unsigned way_first = 0, ways = 1;  // those that the clients use
  digest_choice digest = digest_choice::any;
  sip_timing timing;
  std::size_t operations_max = 200'000;
  core::time_point counted_from{};  // what should have begun before is not counted: the warm-up
};

class sip_client : public machine {
 public:
  sip_client(sip_client_settings s, std::vector<user> users, std::vector<std::string> parts, outbox& out, core::time_point now);

  // `c` answers the requests that come. It must outlive this.
  void let_answer(callee_machine& c) noexcept { callee_ = &c; }

  void on_message(const arrival& a, core::time_point now) final;
  void on_time(core::time_point now) final;
  [[nodiscard]] core::time_point next_time() const noexcept final;
  [[nodiscard]] tally& counted() noexcept final { return tally_; }

 protected:
  // Of a response whose Call-ID bears `key`; false: nothing waits for it.
  virtual bool on_response(const sip_scan& r, operation_key key, core::time_point now) = 0;
  virtual void on_alarm(operation_key key, core::time_point at, core::time_point now) = 0;

  [[nodiscard]] unsigned way_of(std::size_t user) const noexcept;
  [[nodiscard]] bool is_counted(core::time_point intended) const noexcept { return intended >= settings_.counted_from; }
  void count_begin(core::time_point intended, core::time_point now);
  void count_success(core::time_point intended, core::time_point now);
  void count_failure(core::time_point intended, std::string_view reason);
  void count_status(core::time_point intended, int status);
  void count_part(std::size_t part, core::time_point intended, core::duration d);
  // Prints and sends; false: the message is larger than what is sent.
  bool send(const message_template& t, const gap_values& v, unsigned way);
  // The credentials for what `r` asks; false: nothing that it offers is allowed or known.
  bool meet_challenge(const sip_scan& r, const user& u, std::string_view method, std::string_view uri, operation_key key,
                      std::string& to) const;

  sip_client_settings settings_;
  std::vector<user> users_;
  outbox& out_;
  timer_wheel wheel_;
  tally tally_;

 private:
  callee_machine* callee_ = nullptr;
  std::uint64_t callee_retransmissions_ = 0;  // of its: counted here already
};

}  // namespace phyllo::load
