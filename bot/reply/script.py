"""Simplified or traditional: which of the two a Chinese text is written in, and the other one.

Knows: common characters that only one of the two uses; OpenCC, which knows them all, and words.
Does not know: regions: traditional is written as in Taiwan. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import opencc

_PAIRS = (
    "说說这這个個们們来來时時会會对對没沒过過还還发發么麼为為样樣见見听聽关關开開气氣难難爱愛让讓给給"
    "从從妈媽谢謝请請问問间間话話电電脑腦头頭觉覺学學写寫书書读讀钱錢买買卖賣车車东東长長门門马馬鸟鳥"
    "鱼魚边邊远遠进進连連运運动動办辦业業专專单單双雙变變应應当當实實点點热熱亲親体體医醫药藥疗療伤傷"
    "轻輕较較转轉该該谁誰语語认認识識记記许許论論设設试試诉訴证證调調谈談谅諒负負责責贵貴费費资資赛賽"
    "铁鐵银銀错錯钟鐘锁鎖闹鬧闻聞阳陽阴陰际際陆陸险險随隨隐隱静靜韩韓页頁顶頂项項顺順须須顾顧预預领領"
    "题題颜顏愿願风風飞飛饭飯饿餓馆館驾駕骂罵验驗鲜鮮龙龍乐樂乱亂争爭亏虧亚亞产產亿億仅僅仪儀价價众眾"
    "优優伟偉传傳侧側债債倾傾储儲儿兒兰蘭兴興养養兽獸军軍农農决決况況净淨凉涼减減凤鳳凭憑击擊则則刚剛"
    "创創剧劇劝勸务務劳勞势勢区區华華协協卫衛厂廠厅廳历歷压壓厌厭县縣参參叶葉号號叹嘆吗嗎吓嚇员員呜嗚"
    "响響唤喚园園围圍国國图圖圆圓圣聖场場坏壞块塊坚堅墙牆壮壯声聲处處备備够夠奋奮奖獎妇婦娱娛婴嬰孙孫"
    "宁寧宝寶宠寵审審宽寬宾賓寻尋导導寿壽将將尔爾尘塵尝嘗尽盡层層属屬岁歲岛島币幣师師带帶帮幫库庫庆慶"
    "废廢异異张張弯彎弹彈归歸录錄彻徹忆憶忧憂怀懷态態总總恋戀恼惱恶惡悬懸惊驚惧懼惨慘惯慣愤憤懒懶戏戲"
    "战戰扑撲执執扩擴扫掃扬揚扰擾抚撫护護报報担擔拥擁择擇挤擠挥揮损損换換摆擺摇搖撑撐敌敵数數断斷无無"
    "旧舊显顯晓曉暂暫术術机機杀殺杂雜权權条條极極构構枪槍标標树樹桥橋检檢楼樓欢歡残殘毁毀毕畢汉漢汤湯"
    "泪淚泽澤洁潔浅淺测測济濟浓濃涨漲渐漸温溫湾灣湿濕满滿滚滾灭滅灯燈灵靈灾災烂爛烦煩烧燒爷爺牵牽犹猶"
    "独獨猫貓环環现現画畫疯瘋皱皺盖蓋盘盤监監确確码碼础礎礼禮祸禍离離种種积積称稱稳穩穷窮竞競笔筆笼籠"
    "签簽简簡紧緊红紅约約级級纪紀纯純纳納纷紛纸紙练練组組细細织織终終经經结結绝絕统統继繼绩績续續绪緒"
    "绿綠缓緩编編缘緣网網罗羅罚罰职職联聯聪聰肠腸胆膽胜勝脏髒脚腳脸臉腾騰艰艱艺藝节節苏蘇获獲营營虑慮"
    "虽雖补補装裝裤褲观觀规規视視览覽触觸计計订訂讨討训訓议議讯訊讲講访訪评評词詞译譯诗詩诚誠详詳误誤"
    "课課谎謊谓謂财財败敗账賬货貨质質购購贴貼贺賀赏賞赔賠赚賺赢贏赶趕践踐软軟轮輪辆輛辈輩输輸辞辭迁遷"
    "迟遲适適选選递遞遗遺邮郵邻鄰释釋钢鋼钥鑰铃鈴链鏈销銷锅鍋镇鎮镜鏡闪閃闭閉阅閱队隊阶階陈陳雾霧韵韻"
    "顽頑颗顆额額飘飄饮飲饰飾饼餅骄驕骑騎骗騙鸡雞鸭鴨麦麥黄黃齐齊齿齒龟龜烟煙猪豬狮獅凯凱郁鬱庄莊"
)
_SIMPLIFIED = frozenset(_PAIRS[::2])
_TRADITIONAL = frozenset(_PAIRS[1::2])


def script_of(text: str) -> str:
    """ "simplified" or "traditional", whichever has more characters of its own; "" for neither."""
    simplified = sum(c in _SIMPLIFIED for c in text)
    traditional = sum(c in _TRADITIONAL for c in text)
    if simplified == traditional:
        return ""
    return "simplified" if simplified > traditional else "traditional"


def script_wanted(messages: Iterable[str]) -> str:
    """The script to answer in. `messages` are the person's, the newest first: the first one that is
    in either counts; simplified where none is."""
    return next((script for script in map(script_of, messages) if script), "simplified")


def simplified(text: str) -> str:
    """The text in simplified characters; other ones stay as they are."""
    return _converted("t2s", text) if script_of(text) == "traditional" else text


def written_in(script: str, text: str) -> str:
    """The text in that script."""
    if script != "traditional":
        return simplified(text)
    return _converted("s2tw", text)


def _converted(name: str, text: str) -> str:
    converted: str = _converter(name).convert(text)
    return converted


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)
