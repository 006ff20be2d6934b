#include "port/stream_places.hpp"

namespace phyllo::transport {

class stream_places::entry final : public place {
 public:
  entry(std::shared_ptr<stream_places> of, std::uint64_t key, std::shared_ptr<tcp::socket> socket)
      : of_(std::move(of)), key_(key), socket_(std::move(socket)) {
    ++of_->size_;
    ++of_->sources_[key_].held;
    line_up();
  }
  ~entry() override { leave(); }

  void use() override {
    if (!socket_ || known_) return;
    auto& siblings = of_->sources_.at(key_).idle;
    siblings.splice(siblings.end(), siblings, among_siblings_);
    of_->idle_.splice(of_->idle_.end(), of_->idle_, among_all_);
  }

  void keep(bool known) override {
    if (!socket_ || known_ == known) return;
    known_ = known;
    if (known_)
      step_out();
    else
      line_up();
  }

  void hold(std::size_t bytes) override {
    const auto counted = bytes > held_free ? bytes : 0;
    if (!socket_ || counted == held_) return;
    count(counted);
    of_->shed();
  }

  core::duration rest(core::time_point now) override {
    if (!socket_ || known_) return {};
    return of_->sources_.at(key_).turns.owe(turns_per_second, turns_at_once, now);
  }

  void evict() {
    close_socket(*socket_);  // whoever reads it sees that, and lets the stream go
    leave();
  }

 private:
  void line_up() {
    auto& siblings = of_->sources_.at(key_).idle;
    among_siblings_ = siblings.insert(siblings.end(), this);
    among_all_ = of_->idle_.insert(of_->idle_.end(), this);
  }

  void step_out() {
    of_->sources_.at(key_).idle.erase(among_siblings_);
    of_->idle_.erase(among_all_);
  }

  void count(std::size_t bytes) {
    if (held_ > 0) of_->by_held_.erase({held_, this});
    of_->held_ += bytes - held_;
    held_ = bytes;
    if (held_ > 0) of_->by_held_.emplace(held_, this);
  }

  void leave() {
    if (!socket_) return;
    if (!known_) step_out();
    count(0);
    socket_.reset();
    const auto from = of_->sources_.find(key_);
    if (--from->second.held == 0) of_->sources_.erase(from);
    --of_->size_;
  }

  std::shared_ptr<stream_places> of_;
  std::uint64_t key_;
  std::shared_ptr<tcp::socket> socket_;  // null: it has left, and only its owner does not know yet
  bool known_ = false;
  std::size_t held_ = 0;
  order::iterator among_siblings_;
  order::iterator among_all_;
};

stream_places::stream_places(core::environment& env, core::metrics& m)
    : metrics_(m),
      evicted_(m.evictions("streams")),
      evicted_of_source_(m.evictions("streams_of_source")),
      evicted_of_memory_(m.evictions("streams_memory")),
      sources_(0, core::keyed_hasher{core::random_hash_key(env)}) {
  for (const auto* reason : {"connection_over_limit", "connections_of_source"}) {
    m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
  }
}

stream_places::~stream_places() = default;

std::shared_ptr<stream_places::place> stream_places::admit(const asio::ip::address& from, std::shared_ptr<tcp::socket> socket,
                                                           bounds most) {
  const auto key = core::source_key(from);
  const auto known = sources_.find(key);
  if (known != sources_.end() && known->second.held >= most.of_source) {
    if (known->second.idle.empty()) {
      metrics_.drop("connections_of_source");
      return nullptr;
    }
    evict(*known->second.idle.front(), evicted_of_source_);
  }
  if (size_ >= most.all && !make_room()) {
    metrics_.drop("connection_over_limit");
    return nullptr;
  }
  return std::make_shared<entry>(shared_from_this(), key, std::move(socket));
}

bool stream_places::make_room() {
  if (idle_.empty()) return false;
  evict(*idle_.front(), evicted_);
  return true;
}

void stream_places::shed() {
  while (held_ > held_max_ && !by_held_.empty()) evict(*by_held_.rbegin()->second, evicted_of_memory_);  // each turn takes one out
}

void stream_places::evict(entry& e, core::counter& counted) {
  counted.add();
  e.evict();
}

}  // namespace phyllo::transport
