"""What the pages of login and people say, in Turkish and English; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from izer_bridge.web.caller import Role
from izer_bridge.web.language import Language


@dataclass(frozen=True, slots=True)
class LoginTexts:
    """`spent` and `unknown` say why nobody was let in, and what to do."""

    title: str
    by_link: str
    enter: str
    what: str
    how: str
    spent: str
    unknown: str
    too_often: str
    not_private: str


LOGIN_TEXTS = {
    Language.TR: LoginTexts(
        title="Giriş",
        by_link="Bu bağlantı sizi bir kez içeri alır.",
        enter="Giriş yap",
        what="Anahtar",
        how="Anahtarınız yoksa, köprünün kurulu olduğu makinede izer-bridge login yazın; "
        "bir kez geçerli bir bağlantı verir.",
        spent="Bu bağlantı kullanılmış ya da 10 dakikadan eski. Yenisini isteyin: "
        "izer-bridge login",
        unknown="Bu anahtar geçerli değil. Tamamını kopyaladığınızdan emin olun.",
        too_often="Çok fazla deneme oldu. Bir dakika sonra yeniden deneyin.",
        not_private="Bu sayfa yalnızca şifreli bağlantıyla (https) açılır. "
        "Adresi https ile yazın ya da köprüyü kuran kişiye sorun.",
    ),
    Language.EN: LoginTexts(
        title="Log in",
        by_link="This link lets you in once.",
        enter="Log in",
        what="Token",
        how="Without a token, type izer-bridge login on the bridge's machine; it gives a link "
        "that works once.",
        spent="This link was used, or is older than 10 minutes. Ask for a new one: "
        "izer-bridge login",
        unknown="This token is not valid. Make sure that you have copied all of it.",
        too_often="Too many attempts. Try again in a minute.",
        not_private="This page opens only over an encrypted connection (https). Type the address "
        "with https, or ask whoever set up the bridge.",
    ),
}


@dataclass(frozen=True, slots=True)
class StaffTexts:
    """What the owner's page of people says; `{}` is a moment, in `sure` a name."""

    title: str
    add: str
    what: str
    name: str
    role: str
    roles: Mapping[Role, str]
    here_alone: str
    once: str
    invite: str
    revoke: str
    sure: str
    gone: str
    revoked: str
    here: str
    seen: str
    never: str
    since: str
    browser: str
    end: str
    ended: str


STAFF_TEXTS = {
    Language.TR: StaffTexts(
        title="Kişiler",
        add="Kişi ekle",
        what="Personel okur, yanıtlar ve karar verir. Sahip ayrıca kimin önemli olduğunu ve kimin "
        "girebileceğini belirler. Kararların yanında bu ad yazar.",
        name="Ad",
        role="Rol",
        roles={Role.STAFF: "Personel", Role.OWNER: "Sahip"},
        here_alone="Bağlantılar şimdilik yalnızca köprünün kurulu olduğu makinede açılır. Telefon "
        "ve başka bilgisayarlar için sertifika ya da ters vekil sunucu gerekir (docs/http.md).",
        once="bu bağlantı bir kez gösterilir ve 10 dakika içinde tek bir tarayıcıda giriş yapar. "
        "Yalnızca o kişiye gönderin:",
        invite="Giriş bağlantısı",
        revoke="Çıkar",
        sure="{} çıkarılsın mı? Anahtarı ve bütün oturumları hemen sona erer.",
        gone="Çıkarıldı.",
        revoked="{} tarihinde çıkarıldı",
        here="Şu anda burada",
        seen="Son görülme {}",
        never="Henüz giriş yapmadı",
        since="{} tarihinden beri",
        browser="Tarayıcı",
        end="Oturumu kapat",
        ended="Oturum kapatıldı.",
    ),
    Language.EN: StaffTexts(
        title="People",
        add="Add a person",
        what="Staff read, answer and decide. An owner also says who is important, and who may "
        "come in. Decisions are signed with this name.",
        name="Name",
        role="Role",
        roles={Role.STAFF: "Staff", Role.OWNER: "Owner"},
        here_alone="For now links open on the bridge's own machine alone. Phones and other "
        "computers need a certificate or a reverse proxy (docs/http.md).",
        once="this link is shown once and logs in one browser, within 10 minutes. Send it to "
        "nobody else:",
        invite="Login link",
        revoke="Remove",
        sure="Remove {}? The token and all sessions end at once.",
        gone="Removed.",
        revoked="Removed on {}",
        here="Here now",
        seen="Last seen {}",
        never="Has not come in yet",
        since="since {}",
        browser="Browser",
        end="Log out",
        ended="Logged out.",
    ),
}
