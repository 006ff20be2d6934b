#include "user_import.hpp"

#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <map>
#include <optional>
#include <system_error>
#include <thread>

#include "csv.hpp"
#include "phyllo/disk/errc.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::command {
namespace {

constexpr std::size_t chunk_lines = 1000;  // one transaction, and what is lost at most when the command is killed

struct entry {
  std::size_t line = 0;
  std::vector<std::string> authority;  // of the account that it replaces
  std::string user, password;
  std::optional<unsigned> peers;
  std::optional<core::result<enrollment::prepared_account>> prepared;
};

core::result<entry> parse(std::string text, std::size_t line) {
  if (text.ends_with('\r')) text.pop_back();
  auto fields = parse_csv_line(text);
  if (!fields) return core::fail(fields.error());
  const auto expected = [] {
    return core::fail(node::errc::malformed, "expected user,password or user,password,peers; a password with a comma needs quotes");
  };
  if (fields->size() != 2 && fields->size() != 3) return expected();
  if ((*fields)[1].empty()) return core::fail(node::errc::malformed, "the password is empty");
  entry e;
  e.line = line;
  e.user = std::move((*fields)[0]);
  e.password = std::move((*fields)[1]);
  if (fields->size() == 3) {
    const auto& number = (*fields)[2];
    unsigned peers = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), peers);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size()) return expected();
    e.peers = peers;
  }
  return e;
}

// Each thread takes the next entry until none is left.
void prepare(std::vector<entry>& chunk, const enrollment::account_options& o, unsigned threads) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto i = next++; i < chunk.size(); i = next++)
      chunk[i].prepared = enrollment::prepare_account(chunk[i].user, chunk[i].password, chunk[i].authority, o);
  };
  std::vector<std::jthread> pool;
  try {
    for (unsigned t = 1; t < threads; ++t) pool.emplace_back(work);
  } catch (const std::system_error&) {  // no more threads are to be had: those that there are do it
  }
  work();
}

class importer {
 public:
  importer(enrollment::accounts& to, const import_options& o, const import_observer& observer,
           const std::vector<enrollment::account>& there)
      : to_(to), options_(o), observer_(observer) {
    for (const auto& a : there) known_.emplace(a.user, a.domains);
  }

  void take(const std::string& text, std::size_t line) {
    if (text.empty() || text == "\r" || (line == 1 && text.starts_with("user,password"))) return;
    auto e = parse(text, line);
    if (!e) return bad(line, e.error());
    const auto [known, first] = known_.try_emplace(identity::canonical_user(e->user));
    if (!first && !options_.replace) {
      return bad(line, core::fail(enrollment::errc::account_exists, fmt::format("{}; --replace gives it this password", e->user)).error());
    }
    e->authority = known->second;
    chunk_.push_back(std::move(*e));
  }

  [[nodiscard]] bool full() const noexcept { return chunk_.size() >= chunk_lines; }

  core::status store() {
    prepare(chunk_, options_.account, options_.threads);
    std::vector<enrollment::prepared_account> good;
    for (auto& e : chunk_) {
      if (*e.prepared) {
        (*e.prepared)->peers = e.peers;
        good.push_back(std::move(**e.prepared));
      } else {
        bad(e.line, e.prepared->error());
      }
    }
    chunk_.clear();
    if (auto done = to_.add_all(good); !done) return done;
    summary.imported += good.size();
    for (const auto& a : good) observer_.imported(a);
    observer_.progress(summary.imported);
    return {};
  }

  import_summary summary;

 private:
  void bad(std::size_t line, const core::error& why) {
    ++summary.bad_lines;
    observer_.bad_line(line, why);
  }

  enrollment::accounts& to_;
  const import_options& options_;
  const import_observer& observer_;
  std::map<std::string, std::vector<std::string>> known_;  // users, with the domains that they have authority for
  std::vector<entry> chunk_;
};

}  // namespace

core::result<import_summary> import_accounts(std::istream& in, enrollment::accounts& to, const import_options& o,
                                             const import_observer& observer) {
  const auto there = to.list();
  if (!there) return core::fail(there.error());
  importer work(to, o, observer, *there);
  std::size_t line = 0;
  for (std::string text; std::getline(in, text);) {
    work.take(text, ++line);
    if (!work.full()) continue;
    if (auto done = work.store(); !done) return core::fail(done.error());
  }
  if (auto done = work.store(); !done) return core::fail(done.error());
  if (in.bad())
    return core::fail(disk::errc::io,
                      fmt::format("line {}: can not be read; {} accounts before it are imported", line + 1, work.summary.imported));
  return work.summary;
}

}  // namespace phyllo::command
