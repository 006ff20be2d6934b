#include "link/move_acceptor.hpp"

#include "link/framed_link.hpp"

namespace phyllo::transport {

class move_acceptor::waiting final : private carrier_owner {
 public:
  waiting(move_acceptor& owner, std::uint64_t number, std::shared_ptr<frame_carrier> carrier)
      : owner_(owner),
        number_(number),
        carrier_(std::move(carrier)),
        alarm_(owner.registry_->env.get_executor(), [this] { give_up("move_late"); }) {
    alarm_.at(owner.registry_->env.now() + patience);
  }
  ~waiting() override {
    if (!carrier_) return;
    carrier_->attach(nullptr);
    carrier_->close();
  }
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;

  void start() { carrier_->attach(this); }

 private:
  void on_frame(core::byte_view whole) override {
    const auto question = decode_move(whole);
    if (!question || question->moved) return give_up("frame_malformed");
    const auto link = owner_.registry_->find(question->token, carrier_->peer().node());
    if (!link) return refuse();
    const auto self = leave();
    link->follow(std::move(carrier_), *question);
  }
  void on_writable() override {}
  void on_ended(const core::error&) override { leave(); }

  // The link ended meanwhile: the peer is to make a new one.
  void refuse() {
    move_frame answer;
    answer.moved = true;
    static_cast<void>(carrier_->send_frame(encode_move(answer)));
    give_up("move_unknown");
  }
  void give_up(const char* why) {
    owner_.registry_->metrics.drop(why);
    leave();
  }
  // It lives as long as the caller holds what this gives back.
  std::shared_ptr<waiting> leave() {
    const auto node = owner_.waiting_.extract(number_);
    return node.empty() ? nullptr : node.mapped();
  }

  move_acceptor& owner_;
  std::uint64_t number_;
  std::shared_ptr<frame_carrier> carrier_;
  alarm alarm_;
};

void move_acceptor::accept(std::shared_ptr<frame_carrier> carrier) {
  if (waiting_.size() >= waiting_max) {
    registry_->metrics.drop("move_evicted");
    waiting_.erase(waiting_.begin());
  }
  const auto number = ++last_;
  const auto w = std::make_shared<waiting>(*this, number, std::move(carrier));
  waiting_.emplace(number, w);
  w->start();
}

void move_acceptor::stop() { waiting_.clear(); }

}  // namespace phyllo::transport
