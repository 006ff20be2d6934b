// A telephone in a simulated network, by UDP: it registers and stays so, calls, answers, and hangs up (RFC 3261 s.8, s.10, s.13, s.17).
// Of its own it only sends to the node that it registers with, and within dialogs where their routes say.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/sim/carrier.hpp"
#include "sip/message.hpp"

namespace phyllo::simulate {

class phone {
 public:
  static constexpr core::duration answered_after = std::chrono::milliseconds(1500);

  // All of it outlives the phone. `user`: "alice@example.org"; `at`: where it is heard from. Behind a NAT it takes itself to be elsewhere,
  // and hears only those whom it has sent something.
  phone(core::environment& env, sim::carrier& carrier, std::string user, std::string password, transport::endpoint at, bool behind_nat);
  ~phone();

  // Registers at the node once, and from then on again in time; false: it has had no 200 within a minute. `expires`: what it asks for.
  core::awaitable<bool> registers(transport::endpoint node, std::chrono::seconds expires);
  [[nodiscard]] bool registered() const noexcept { return registered_; }
  [[nodiscard]] const transport::endpoint& node() const noexcept { return node_; }
  [[nodiscard]] const std::string& user() const noexcept { return user_; }
  [[nodiscard]] std::chrono::seconds granted() const noexcept { return granted_; }

  struct outcome {
    int status = 0;              // of the INVITE; 0: no answer at all
    bool hung_up = false;        // the BYE has had its 200
    core::duration post_dial{};  // until it rang, or was answered
    [[nodiscard]] bool good() const noexcept { return status == 200 && hung_up; }
  };
  // Calls, talks for so long, hangs up.
  core::awaitable<outcome> calls(std::string callee, core::duration talk);

  core::awaitable<void> stop();  // joins its coroutines; before destruction

 private:
  using answers = core::mailbox<sip::message>;

  void hear(const transport::endpoint& from, core::byte_view data);
  void take_request(const transport::endpoint& from, const sip::message& m);
  core::awaitable<void> answer(transport::endpoint from, std::shared_ptr<const sip::message> invite, std::string call);
  [[nodiscard]] sip::message reply_to(const sip::message& request, int status) const;
  void send(const sip::message& m, const transport::endpoint& to);

  [[nodiscard]] sip::message make(std::string_view method, const std::string& uri, const std::string& to, std::uint32_t cseq,
                                  const std::string& call_id);
  void authorize(sip::message& m, const sip::message& challenge) const;
  // The final response; nothing: none has come within Timer B or F. `ringing`: when the first provisional one beyond 100 has come.
  core::awaitable<std::optional<sip::message>> ask(std::shared_ptr<sip::message> request, transport::endpoint to,
                                                   core::time_point* ringing = nullptr);
  core::awaitable<std::optional<sip::message>> invite(std::string callee, std::string call_id, core::time_point* ringing);
  core::awaitable<bool> hang_up(std::shared_ptr<const sip::message> ok, std::string call_id);
  [[nodiscard]] std::shared_ptr<sip::message> within(std::string_view method, const sip::message& ok, std::uint32_t cseq,
                                                     const std::string& call_id);

  core::environment& env_;
  sim::carrier& carrier_;
  std::string user_, name_, domain_, password_;
  transport::endpoint at_, node_;
  bool behind_nat_;
  std::string sent_by_;                  // in Via and Contact
  std::set<asio::ip::address> sent_to_;  // behind a NAT
  bool registered_ = false;
  std::chrono::seconds granted_{};
  unsigned number_ = 0;                       // of branches and calls
  std::map<std::string, answers*> waiting_;   // by branch
  std::map<std::string, sip::message> said_;  // last responses, by the branch of their request
  std::map<std::string, bool> acknowledged_;  // calls that were answered here, by Call-ID
  core::task_scope scope_;
};

}  // namespace phyllo::simulate
