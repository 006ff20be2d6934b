// What a node keeps on disk of the bindings registered through it, so that its next process knows them: changes, one after another, in
// lines. Pure. The overlay's records are the truth about who is bound where; here stands what they do not say (Call-ID, CSeq, the promised
// expiry), and whose UDP flows have been heard.
//
//   u TAB user                 what follows is all that the user has from here on
//   b TAB expires TAB stored until TAB q TAB reg-id TAB CSeq TAB Call-ID TAB instance TAB features TAB Contact TAB path TAB path ...
//
// Times in Unix milliseconds. In texts, '%' and control characters are written %XX. A line that does not parse is left out: the last
// one may be torn.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "binding.hpp"

namespace phyllo::sip {

class binding_journal {
 public:
  // What is to be written now: appended to what stands there, or in its place.
  struct change {
    std::string text;
    bool whole = false;
  };
  using users = std::map<std::string, std::vector<binding>>;

  // A user's bindings are these now; none: he has none.
  void note(const std::string& user, const std::vector<binding>& bindings);
  // Begins anew with all of `now` when that is due: at first, when far more has been written than holds, and where it is wanted.
  [[nodiscard]] change take(const users& now, bool anew = false);
  [[nodiscard]] bool empty() const noexcept { return pending_.empty() && !whole_due_; }

  [[nodiscard]] static users read(std::string_view text);

 private:
  std::string pending_;
  std::size_t written_ = 0;  // since the last whole one
  std::size_t whole_size_ = 0;
  bool whole_due_ = true;
};

}  // namespace phyllo::sip
